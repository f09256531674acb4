import type { Node } from "../../ir/graph.js";
import { asPath, FreeNames } from "./names.js";
import type { CallStage, Line, Pipe, Stage } from "./sketch.js";

/** Every operator in a pipeline, in the order written. */
export function* callsOf(stages: readonly Stage[]): Generator<CallStage> {
  for (const stage of stages) {
    if (stage.kind === "call") yield stage;
    else if (stage.kind === "residual") {
      yield* callsOf(stage.shortcut);
      yield* callsOf(stage.body);
    } else {
      for (const operand of stage.operands) {
        if (typeof operand !== "number") yield* callsOf(operand.stages);
      }
    }
  }
}

/** Every operator of the model. */
export function* callsIn(lines: readonly Line[]): Generator<CallStage> {
  for (const { pipe } of lines) yield* callsOf(pipe.stages);
}

const pathOf = (node: Node): string => (node.op === "parameter" ? node.attrs.path : node.name);

/** The path that all tensors of a stage have in common, if it is one of this stage alone. */
function commonPath({ owned }: CallStage): string | undefined {
  const paths = owned.map(({ value }) => pathOf(value.node));
  const stems = paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf("."))));
  const [first] = stems;
  return first && stems.every((stem) => stem === first) ? first : undefined;
}

/** Short words for operators, of which labels are made when the source has none. */
const shortNames: Readonly<Record<string, string>> = {
  linear: "fc",
  instancenorm: "norm",
  groupnorm: "norm",
  parameter: "tensor",
};

/** A label for each stage that owns tensors, all different: from the tensors' paths, the source's names, or numbered. */
export function labelStages(lines: readonly Line[]): Map<CallStage, string> {
  const labels = new Map<CallStage, string>();
  const free = new FreeNames();
  for (const stage of callsIn(lines)) {
    if (stage.owned.length === 0) continue;
    const wish = asPath(commonPath(stage) ?? "") ?? asPath(stage.name);
    const short = shortNames[stage.callee] ?? stage.callee;
    labels.set(stage, wish === undefined ? free.takeNumbered(short) : free.take(wish));
  }
  return labels;
}

/** Whether a pipe reads values by name. */
export function readsNames({ from, stages }: Pipe): boolean {
  if (from !== undefined) return true;
  return stages.some((stage) => {
    if (stage.kind === "call") return false;
    if (stage.kind === "residual") {
      return [stage.shortcut, stage.body].some((part) =>
        readsNames({ from: undefined, stages: part }),
      );
    }
    return stage.operands.some((operand) => typeof operand !== "number" && readsNames(operand));
  });
}
