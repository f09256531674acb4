import { simplifyFunction } from "../loops/simplify.js";
import type { Call, CallArgument, LoopFunction, LoopModule } from "../loops/types.js";
import type { Step, StepArgument } from "./list-steps.js";

/** Numbers that JSON has no text for keep what tells them apart. */
const exactNumbers = (_: string, value: unknown): unknown => {
  if (typeof value !== "number") return value;
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : { number: Object.is(value, -0) ? "-0" : String(value) };
};

/** Functions of one module: equal ones once, under names that differ. */
export class FunctionTable {
  readonly functions: LoopFunction[] = [];
  readonly #byText = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** The name under which this function, made simple, or one that does the same is in the module. */
  nameOf(written: LoopFunction): string {
    const own = simplifyFunction(written);
    const text = JSON.stringify([own.params, own.body], exactNumbers);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    let name = own.name;
    for (let n = 2; this.#taken.has(name); n++) name = `${own.name}_v${n}`;
    this.#taken.add(name);
    this.#byText.set(text, name);
    this.functions.push(name === own.name ? own : { ...own, name });
    return name;
  }
}

/** Multiply-accumulates after which a call gives way to the next. */
const workPerCall = 500_000;
const mostCalls = 8;

/**
 * Ranges that cover a step's units. Large steps are several calls: an engine that has compiled a
 * function while it ran uses the fast code from the next call on.
 */
export function rangesOf(units: number, work: number): (readonly [number, number])[] {
  const wanted = Math.ceil(work / workPerCall);
  const count = Math.max(1, Math.min(units, wanted, mostCalls));
  const borders = Array.from({ length: count + 1 }, (_, i) => Math.round((i * units) / count));
  return borders.slice(1).map((end, i) => [borders[i]!, end] as const);
}

/** Where an argument that is memory lies. */
type AddressOf = (step: Step, argument: StepArgument) => number;

function callArgument(
  step: Step,
  argument: StepArgument,
  [start, end]: readonly [number, number],
  addressOf: AddressOf,
): CallArgument {
  if (argument.kind === "rangeStart") return { kind: "i32", value: start };
  if (argument.kind === "rangeEnd") return { kind: "i32", value: end };
  return { kind: "address", bytes: addressOf(step, argument) };
}

/** The loops and calls of all steps; `workOf` says how long a step takes. */
export function buildModule(
  steps: readonly Step[],
  addressOf: AddressOf,
  workOf: (step: Step) => number,
  memoryBytes: number,
): LoopModule {
  const table = new FunctionTable();
  const schedule: Call[] = [];
  for (const step of steps) {
    const name = table.nameOf(step.function);
    for (const range of rangesOf(step.units, workOf(step))) {
      schedule.push({
        function: name,
        arguments: step.arguments.map((argument) => callArgument(step, argument, range, addressOf)),
        comment: step.comment,
      });
    }
  }
  return { functions: table.functions, schedule, memoryBytes };
}
