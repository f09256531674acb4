import { InternalError } from "../../diagnostics/report.js";
import type { Root } from "./home.js";
import type { Step, StepArgument } from "./list-steps.js";
import { aligned, slackBytes, WeightMemory } from "./pack-weights.js";
import { type Piece, planMemory } from "./plan-memory.js";

/**
 * Bytes of the addresses' memory and where things lie in it: constants, then the arena, then derived
 * forms. Constants that only derived forms are made from come last of all constants, and the arena, which
 * is not in use yet when those are made, lies over them.
 */
export interface Addresses {
  readonly weights: WeightMemory;
  readonly weightBytes: number;
  readonly arenaBytes: number;
  readonly arenaBound: number;
  readonly derivedBytes: number;
  readonly memoryBytes: number;
  /** The address of the constants that a derived form is made from. */
  sourceOf(argument: Derived): number;
  /** The byte address of an element, counted from the root's element 0. */
  ofRoot(root: Root, offset?: number): number;
  ofArgument(step: Step, argument: StepArgument): number;
}

type Derived = Extract<StepArgument, { readonly kind: "derived" }>;

/** First and last step of each piece of arena, in a stable order. */
class Lifetimes {
  readonly spans = new Map<object, { bytes: number; first: number; last: number }>();

  use(key: object, bytes: number, step: number): void {
    const span = this.spans.get(key);
    if (!span) this.spans.set(key, { bytes: aligned(bytes + slackBytes), first: step, last: step });
    else {
      span.first = Math.min(span.first, step);
      span.last = Math.max(span.last, step);
    }
  }
}

function lifetimesOf(steps: readonly Step[], inputs: readonly Root[], outputs: readonly Root[]) {
  const lifetimes = new Lifetimes();
  const useRoot = (root: Root, step: number): void => {
    if (root.kind !== "constant") lifetimes.use(root.memory, root.memory.bytes, step);
  };
  for (const root of inputs) useRoot(root, -1);
  steps.forEach((step, index) => {
    for (const argument of step.arguments) {
      if (argument.kind === "root") useRoot(argument.root, index);
      if (argument.kind === "scratch") lifetimes.use(argument, argument.floats * 4, index);
    }
  });
  for (const root of outputs) useRoot(root, steps.length);
  return lifetimes.spans;
}

/** Gives every root, packed constant and scratch its bytes: constants first, then one arena. */
export function assignAddresses(
  steps: readonly Step[],
  inputs: readonly Root[],
  outputs: readonly Root[],
): Addresses {
  const weights = new WeightMemory();
  const constantOf = (root: Root): number =>
    weights.addressOf(root.label, root.data ?? new Float32Array(0));
  for (const step of steps) {
    for (const argument of step.arguments) {
      if (argument.kind === "data") weights.addressOf(argument.label, argument.data);
      if (argument.kind === "root" && argument.root.kind === "constant") constantOf(argument.root);
    }
  }
  for (const root of outputs) if (root.kind === "constant") constantOf(root);
  const arenaStart = weights.bytes;
  const derived = steps.flatMap((step) => step.arguments.filter((a) => a.kind === "derived"));
  const sourceOf = ({ label, data }: Derived): number => weights.addressOf(label, data);
  for (const argument of derived) sourceOf(argument);
  const weightBytes = weights.bytes;
  const spans = lifetimesOf(steps, inputs, outputs);
  const pieces: Piece[] = [...spans.values()];
  const { offsets, arenaBytes, arenaBound } = planMemory(pieces);
  const starts = new Map<object, number>(
    [...spans.keys()].map((key, i) => [key, arenaStart + offsets[i]!]),
  );
  const derivedStart = aligned(Math.max(weightBytes, arenaStart + arenaBytes));
  let memoryBytes = derivedStart;
  for (const argument of derived) {
    starts.set(argument, memoryBytes);
    memoryBytes = aligned(memoryBytes + 4 * argument.floats + slackBytes);
  }
  const startOf = (key: object): number => {
    const start = starts.get(key);
    if (start === undefined) throw new InternalError("memory that no step uses has no address");
    return start;
  };
  const ofRoot = (root: Root, offset = 0): number => {
    const start = root.kind === "constant" ? constantOf(root) : startOf(root.memory);
    return start + (root.start + offset) * (root.type.element === "f32" ? 4 : 1);
  };
  const ofArgument = (_: Step, argument: StepArgument): number => {
    if (argument.kind === "root") return ofRoot(argument.root, argument.offset);
    if (argument.kind === "scratch" || argument.kind === "derived") return startOf(argument);
    if (argument.kind !== "data") throw new InternalError(`${argument.kind} is no address`);
    return weights.addressOf(argument.label, argument.data) + 4 * argument.offset;
  };
  return {
    weights,
    weightBytes,
    arenaBytes,
    arenaBound,
    derivedBytes: memoryBytes - derivedStart,
    memoryBytes,
    sourceOf,
    ofRoot,
    ofArgument,
  };
}
