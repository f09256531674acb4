import type typescript from "typescript";
import { checkModule } from "../loops/check.js";
import type { Call, LoopFunction, LoopModule } from "../loops/types.js";
import { type Builtin, builtinNames, builtinText } from "./builtins.js";
import { FunctionWriter, type View, viewParameters, viewsOf } from "./emit.js";
import { Names, safeComment } from "./identifiers.js";

type Typescript = typeof typescript;

export { safeComment, safeIdentifier } from "./identifiers.js";

/** Names in the module that kernels are put in. */
export interface TypescriptOptions {
  /** Identifiers of the surrounding module that kernels may not take. */
  readonly reserved?: Iterable<string>;
}

/** The kernels as text, to be put into a module as they are. */
export interface TypescriptKernels {
  /** Declarations at the top level: helpers, one function a kernel, and `run`. Nothing is exported. */
  readonly kernels: string;
  /** Whether `run` takes the bytes of memory behind the floats: `run(m)` or `run(m, u8)`. */
  readonly usesBytes: boolean;
}

/** `run`, the schedule: every call of one inference under the name of its layer. */
function writeRun(
  ts: Typescript,
  loops: LoopModule,
  nameOf: (kernel: string) => string,
  views: readonly View[],
): typescript.FunctionDeclaration {
  const { factory, SyntaxKind } = ts;
  const kernels = new Map<string, LoopFunction>(loops.functions.map((k) => [k.name, k]));
  const calls = loops.schedule.map((call, i) => {
    const kernel = kernels.get(call.function);
    const taken = kernel ? viewsOf(kernel) : [];
    const statement = factory.createExpressionStatement(
      factory.createCallExpression(factory.createIdentifier(nameOf(call.function)), undefined, [
        ...taken.map((view) => factory.createIdentifier(view)),
        ...argumentsOf(ts, call, kernel),
      ]),
    );
    const before = loops.schedule[i - 1];
    if (before?.function === call.function && before.comment === call.comment) return statement;
    const text = ` ${safeComment(call.comment)}`;
    return ts.addSyntheticLeadingComment(statement, SyntaxKind.SingleLineCommentTrivia, text, true);
  });
  const declaration = factory.createFunctionDeclaration(
    undefined,
    undefined,
    "run",
    undefined,
    viewParameters(ts, views),
    factory.createKeywordTypeNode(SyntaxKind.VoidKeyword),
    factory.createBlock(calls, true),
  );
  const text = "* One inference over memory: every kernel in order. ";
  return ts.addSyntheticLeadingComment(declaration, SyntaxKind.MultiLineCommentTrivia, text, true);
}

/** Addresses become indices into the view that the parameter reads. */
function argumentsOf(
  ts: Typescript,
  call: Call,
  kernel: LoopFunction | undefined,
): typescript.Expression[] {
  const { factory, SyntaxKind } = ts;
  return call.arguments.map((argument, i) => {
    const scale = kernel?.params[i]?.type === "floats" ? 4 : 1;
    const value = argument.kind === "i32" ? argument.value : argument.bytes / scale;
    const literal = factory.createNumericLiteral(Math.abs(value));
    if (value >= 0) return literal;
    return factory.createPrefixUnaryExpression(SyntaxKind.MinusToken, literal);
  });
}

/**
 * The kernels as strict TypeScript for ES2022. Names and comments of the loops are made inert; the same
 * loops give the same text.
 */
export async function emitTypescript(
  loops: LoopModule,
  options: TypescriptOptions = {},
): Promise<TypescriptKernels> {
  checkModule(loops);
  const { default: ts } = await import("typescript");
  const names = new Names([...builtinNames, ...(options.reserved ?? []), "run", "m", "u8"]);
  for (const kernel of loops.functions) names.of(kernel.name);
  const used = new Set<Builtin>();
  const bytes = loops.functions.some((kernel) => viewsOf(kernel).includes("u8"));
  const declarations = loops.functions.map((kernel) =>
    new FunctionWriter(ts, kernel, names.of(kernel.name), names.all(), (builtin) =>
      used.add(builtin),
    ).write(),
  );
  declarations.push(writeRun(ts, loops, (kernel) => names.of(kernel), bytes ? ["m", "u8"] : ["m"]));
  const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
  const file = ts.createSourceFile("kernels.ts", "", ts.ScriptTarget.ES2022);
  const texts = declarations.map((declaration) =>
    printer.printNode(ts.EmitHint.Unspecified, declaration, file),
  );
  return { kernels: `${builtinText(used)}${texts.join("\n\n")}\n`, usesBytes: bytes };
}
