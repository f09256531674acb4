import type typescript from "typescript";
import { checkModule } from "../loops/check.js";
import { type SettledCall, settledCalls } from "../loops/ranges.js";
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
  /** Whether there is a function `prepare` of the same parameters, to be called once before `run`. */
  readonly prepares: boolean;
}

/** A function that makes a list of calls, each under the name of its layer. */
interface Caller {
  readonly name: "prepare" | "run";
  readonly comment: string;
  readonly calls: readonly Call[];
}

const preparing = ({ prepare }: LoopModule): Caller => ({
  name: "prepare",
  comment:
    "Makes the forms of the weights that kernels read, once after the weights are in memory.",
  calls: prepare,
});

const running = ({ schedule }: LoopModule): Caller => ({
  name: "run",
  comment: "One inference over memory: every kernel in order.",
  calls: schedule,
});

function writeCaller(
  ts: Typescript,
  loops: LoopModule,
  { name, comment, calls: listed }: Caller,
  nameOf: (kernel: string) => string,
  views: readonly View[],
): typescript.FunctionDeclaration {
  const { factory, SyntaxKind } = ts;
  const kernels = new Map<string, LoopFunction>(loops.functions.map((k) => [k.name, k]));
  const settled = settledCalls(listed);
  const calls = settled.map((call, i) => {
    const kernel = kernels.get(call.function);
    const taken = kernel ? viewsOf(kernel) : [];
    const statement = factory.createExpressionStatement(
      factory.createCallExpression(factory.createIdentifier(nameOf(call.function)), undefined, [
        ...taken.map((view) => factory.createIdentifier(view)),
        ...argumentsOf(ts, call, kernel),
      ]),
    );
    const before = settled[i - 1];
    if (before?.function === call.function && before.comment === call.comment) return statement;
    const text = ` ${safeComment(call.comment)}`;
    return ts.addSyntheticLeadingComment(statement, SyntaxKind.SingleLineCommentTrivia, text, true);
  });
  const declaration = factory.createFunctionDeclaration(
    undefined,
    undefined,
    name,
    undefined,
    viewParameters(ts, views),
    factory.createKeywordTypeNode(SyntaxKind.VoidKeyword),
    factory.createBlock(calls, true),
  );
  const { MultiLineCommentTrivia } = SyntaxKind;
  return ts.addSyntheticLeadingComment(declaration, MultiLineCommentTrivia, `* ${comment} `, true);
}

/** Addresses become indices into the view that the parameter reads. */
function argumentsOf(
  ts: Typescript,
  call: SettledCall,
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
  const names = new Names([
    ...builtinNames,
    ...(options.reserved ?? []),
    "prepare",
    "run",
    "m",
    "u8",
  ]);
  for (const kernel of loops.functions) names.of(kernel.name);
  const used = new Set<Builtin>();
  const bytes = loops.functions.some((kernel) => viewsOf(kernel).includes("u8"));
  const declarations = loops.functions.map((kernel) =>
    new FunctionWriter(ts, kernel, names.of(kernel.name), names.all(), (builtin) =>
      used.add(builtin),
    ).write(),
  );
  const prepares = loops.prepare.length > 0;
  for (const caller of prepares ? [preparing(loops), running(loops)] : [running(loops)]) {
    const views: readonly View[] = bytes ? ["m", "u8"] : ["m"];
    declarations.push(writeCaller(ts, loops, caller, (kernel) => names.of(kernel), views));
  }
  const printer = ts.createPrinter({ newLine: ts.NewLineKind.LineFeed });
  const file = ts.createSourceFile("kernels.ts", "", ts.ScriptTarget.ES2022);
  const texts = declarations.map((declaration) =>
    printer.printNode(ts.EmitHint.Unspecified, declaration, file),
  );
  return { kernels: `${builtinText(used)}${texts.join("\n\n")}\n`, usesBytes: bytes, prepares };
}
