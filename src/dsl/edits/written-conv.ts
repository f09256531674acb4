import type { Span } from "../../diagnostics/diagnostic.js";
import type { Graph, NodeOf } from "../../ir/graph.js";
import type { CallExpression, Expression, SourceFile, StageExpression } from "../ast.js";
import { spanOfCall } from "../merges.js";
import { activations } from "../operators/activate.js";
import { operators } from "../operators/index.js";
import { expressionsIn } from "./expressions-in.js";

/** A call of `conv` in a file, with the layers of a model that it makes. */
export interface WrittenConv {
  readonly call: CallExpression;
  /** The call without its label. */
  readonly span: Span;
  /** Every layer that is expanded from it: one, or one for each call of its block. */
  readonly layers: readonly NodeOf<"conv2d">[];
  /** The text of each argument by its name. */
  readonly texts: ReadonlyMap<string, string>;
  /** The texts of the batch norm and of the activation right behind it, as far as they are there. */
  readonly norm: string | undefined;
  readonly activation: string | undefined;
}

/** The names of its arguments, in their order. */
const parameters = [...(operators.get("conv")?.parameters.keys() ?? [])];

/** Where the stage behind it looks for a batch norm and an activation. */
function followers(file: SourceFile, call: CallExpression): readonly StageExpression[] {
  for (const expression of expressionsIn(file)) {
    if (expression.kind !== "pipeline") continue;
    const all: readonly Expression[] = [expression.first, ...expression.stages];
    const index = all.indexOf(call);
    if (index >= 0) return expression.stages.slice(index);
  }
  return [];
}

const isSame = (a: Span | undefined, b: Span): boolean =>
  a?.file === b.file && a.start === b.start && a.end === b.end;

/** The call of `conv` that a layer was expanded from; undefined when the file has none there. */
export function writtenConv(
  file: SourceFile,
  text: string,
  graph: Graph,
  layer: NodeOf<"conv2d">,
): WrittenConv | undefined {
  const call = expressionsIn(file).find(
    (expression): expression is CallExpression =>
      expression.kind === "call" && isSame(layer.span, spanOfCall(expression)),
  );
  if (call?.callee.text !== "conv") return undefined;
  const span = spanOfCall(call);
  const textOf = ({ start, end }: Span): string => text.slice(start, end);
  const texts = (call.arguments ?? []).map(
    ({ name, value }, index) =>
      [name?.text ?? parameters[index] ?? "", textOf(value.span)] as const,
  );
  const layers = graph.nodes.flatMap((node) =>
    node.op === "conv2d" && isSame(node.span, span) ? [node] : [],
  );
  const [first, second] = followers(file, call);
  const norm = first?.kind === "call" && first.callee.text === "bn" ? first : undefined;
  const next = norm ? second : first;
  const activation = next?.kind === "call" && activations.has(next.callee.text) ? next : undefined;
  return {
    call,
    span,
    layers,
    texts: new Map(texts),
    norm: norm && textOf(spanOfCall(norm)),
    activation: activation && textOf(spanOfCall(activation)),
  };
}
