import { simplifyFunction } from "../loops/simplify.js";
import type { Call, CallArgument, CallRange, LoopFunction, LoopModule } from "../loops/types.js";
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
 * Into how many calls a step is cut: large steps are several, since an engine that has compiled a function
 * while it ran uses the fast code from the next call on.
 */
export const partsFor = (units: number, work: number): number =>
  Math.max(1, Math.min(units, Math.ceil(work / workPerCall), mostCalls));

/** Multiply-accumulates that take some ten times as long as handing them to another thread. */
const workPerTurn = 50_000;

/** The fewest units of a step that are worth handing to another thread. */
export const leastFor = (units: number, work: number): number =>
  Math.max(1, Math.min(units, Math.ceil((units * workPerTurn) / Math.max(work, 1))));

/** Where memory lies, in bytes. */
export type AddressOf = (step: Step, argument: StepArgument) => number;

type Derived = Extract<StepArgument, { readonly kind: "derived" }>;

function callArgument(step: Step, argument: StepArgument, addressOf: AddressOf): CallArgument {
  if (argument.kind === "rangeStart" || argument.kind === "rangeEnd") return argument;
  return { kind: "address", bytes: addressOf(step, argument) };
}

const takesRange = (step: Step): boolean => step.arguments.some(({ kind }) => kind === "rangeEnd");

const rangeFor = (units: number, work: number): CallRange => ({
  units,
  parts: partsFor(units, work),
  least: leastFor(units, work),
});

/** What the calls of a module need to know of the plan. */
export interface ModuleFacts {
  readonly steps: readonly Step[];
  readonly addressOf: AddressOf;
  /** The address of the packed data that a derived form is made from. */
  sourceOf(argument: Derived): number;
  /** Work of a step in multiply-accumulates. */
  workOf(step: Step): number;
  readonly memoryBytes: number;
}

/** The loops and calls of all steps. */
export function buildModule(facts: ModuleFacts): LoopModule {
  const { steps, addressOf, sourceOf, workOf, memoryBytes } = facts;
  const table = new FunctionTable();
  const prepare: Call[] = [];
  const schedule: Call[] = [];
  for (const step of steps) {
    for (const argument of step.arguments) {
      if (argument.kind !== "derived") continue;
      const { make, floats, label } = argument;
      prepare.push({
        function: table.nameOf(make.function),
        arguments: [
          { kind: "address", bytes: sourceOf(argument) },
          { kind: "address", bytes: addressOf(step, argument) },
          { kind: "rangeStart" },
          { kind: "rangeEnd" },
        ],
        comment: label,
        range: rangeFor(make.units, floats),
      });
    }
    schedule.push({
      function: table.nameOf(step.function),
      arguments: step.arguments.map((argument) => callArgument(step, argument, addressOf)),
      comment: step.comment,
      ...(takesRange(step) ? { range: rangeFor(step.units, workOf(step)) } : {}),
    });
  }
  return { functions: table.functions, prepare, schedule, memoryBytes };
}
