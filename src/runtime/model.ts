import { describeValue, printNames } from "./arrays.js";
import { type Class, topClasses, topOf } from "./classes.js";
import type { Description, Engine, Kernels, TensorDescription, Variant } from "./description.js";
import {
  checkArray,
  type InputPort,
  inputPortOf,
  type Port,
  portOf,
  type TensorArray,
} from "./tensor.js";

/** What a caller may know of a tensor. */
export interface TensorInfo {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "uint8";
  readonly layout: string;
}

type Named<T> = Readonly<Record<string, T>>;

/** A loaded model. One run at a time; `runAsync` is the same run, errors as a rejected promise. */
export interface LoadedModel {
  readonly name: string;
  readonly inputs: Named<TensorInfo>;
  readonly outputs: Named<TensorInfo>;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly labels: readonly string[] | undefined;
  /** Multiply-accumulates of one run. */
  readonly macs: number;
  readonly threads: number;
  readonly variant: Variant;
  /** Why the kernels are not the wide ones that were asked for. */
  readonly wideReason: string | undefined;
  /** Why `threads` is not what was asked for. */
  readonly threadsReason: string | undefined;
  /** Runs once; results go to `outputs` where it has an array, else to new ones. */
  run(inputs: Named<unknown>, outputs?: Named<unknown>): Record<string, TensorArray>;
  runAsync(inputs: Named<unknown>, outputs?: Named<unknown>): Promise<Record<string, TensorArray>>;
  /** The classes with the highest scores, best first; only where the model has labels. */
  classify?(input: unknown, options?: { readonly top?: number }): Class[];
  /** Frees the memory; the model cannot run any more. */
  dispose(): void;
}

/** A model over its kernels. */
export function createModel(
  description: Description,
  engine: Engine,
  { variant, wideReason }: Kernels,
): LoadedModel {
  const { name, labels, macs } = description;
  const run = runnerOf(description, engine);
  const inputNames = Object.freeze(description.inputs.map((input) => input.name));
  const outputNames = Object.freeze(description.outputs.map((output) => output.name));
  const model: { -readonly [K in keyof LoadedModel]: LoadedModel[K] } = {
    name,
    inputs: infosOf(description.inputs),
    outputs: infosOf(description.outputs),
    inputNames,
    outputNames,
    labels,
    macs,
    threads: engine.threads,
    variant,
    wideReason,
    threadsReason: engine.threadsReason,
    run: run.once,
    runAsync: async (inputs, outputs) => run.once(inputs, outputs),
    dispose: run.dispose,
  };
  const scored = scoredOutput(description);
  if (labels && scored && inputNames.length === 1) {
    model.classify = (input, options) => {
      const top = topOf(options);
      const results = run.once(record([inputNames[0]!, input]));
      return topClasses(results[scored.name]!, labels, top);
    };
  }
  return Object.freeze(model);
}

/** The first output with one score per label. */
const scoredOutput = ({ outputs, labels }: Description): TensorDescription | undefined =>
  outputs.find(({ shape }) => shape.reduce((size, n) => size * n, 1) === labels?.length);

/** An object without a prototype: a tensor may be called `__proto__`. */
function record<T>(...entries: readonly (readonly [string, T])[]): Record<string, T> {
  const made: Record<string, T> = Object.create(null);
  for (const [name, value] of entries) made[name] = value;
  return made;
}

const infosOf = (tensors: readonly TensorDescription[]): Named<TensorInfo> =>
  Object.freeze(
    record(
      ...tensors.map(({ name, shape, dtype, layout }): [string, TensorInfo] => [
        name,
        Object.freeze({ shape: Object.freeze([...shape]), dtype, layout }),
      ]),
    ),
  );

interface Runner {
  once(inputs: Named<unknown>, outputs?: Named<unknown>): Record<string, TensorArray>;
  dispose(): void;
}

function runnerOf(description: Description, engine: Engine): Runner {
  const { name } = description;
  let live: { engine: Engine; inputs: InputPort[]; outputs: Port[] } | undefined = {
    engine,
    inputs: description.inputs.map((input) => inputPortOf(input, engine.buffer)),
    outputs: description.outputs.map((output) => portOf(output, engine.buffer)),
  };
  let running = false;
  const once: Runner["once"] = (inputs, outputs) => {
    const ports = live;
    if (!ports) throw new Error(`model ${JSON.stringify(name)} was disposed and cannot run`);
    if (running) {
      throw new Error(`model ${JSON.stringify(name)} is already running: one run at a time`);
    }
    running = true;
    try {
      writeInputs(ports.inputs, inputs);
      const results = resultArrays(ports.outputs, outputs);
      ports.engine.infer();
      for (const { description: output, view } of ports.outputs) results[output.name]!.set(view);
      return results;
    } finally {
      running = false;
    }
  };
  const dispose = (): void => {
    live?.engine.stop?.();
    live = undefined;
  };
  return { once, dispose };
}

function writeInputs(ports: readonly InputPort[], given: unknown): void {
  if (!isNamed(given)) {
    const names = printNames(ports.map(({ description }) => description.name));
    throw new TypeError(
      `run wants an object of inputs by name, got ${describeValue(given)}: the model's inputs are ${names}`,
    );
  }
  checkNames("input", ports, given);
  for (const { description } of ports) {
    if (!Object.hasOwn(given, description.name)) throw missingInputs(ports, given);
  }
  for (const port of ports) port.write(given[port.description.name]);
}

/** The caller's arrays, checked, and new ones for the outputs it has none for. */
function resultArrays(
  ports: readonly Port[],
  given: unknown = nothing,
): Record<string, TensorArray> {
  if (!isNamed(given)) {
    throw new TypeError(`outputs must be an object of arrays by name, got ${describeValue(given)}`);
  }
  checkNames("output", ports, given);
  const results = record<TensorArray>();
  for (const { description, view } of ports) {
    const { name } = description;
    const array = Object.hasOwn(given, name) ? given[name] : undefined;
    if (array === undefined) {
      results[name] =
        description.dtype === "uint8" ? new Uint8Array(view.length) : new Float32Array(view.length);
    } else {
      checkArray("output", description, array);
      results[name] = array;
    }
  }
  return results;
}

const nothing: Named<unknown> = Object.freeze({});

const isNamed = (given: unknown): given is Named<unknown> =>
  typeof given === "object" && given !== null && !ArrayBuffer.isView(given);

/** Throws when the caller gives names that the model has not; allocates nothing when it does not. */
function checkNames(what: "input" | "output", ports: readonly Port[], given: Named<unknown>): void {
  for (const name in given) {
    if (!Object.hasOwn(given, name) || hasName(ports, name)) continue;
    const unknown = printNames(Object.keys(given).filter((key) => !hasName(ports, key)));
    const known = printNames(ports.map(({ description }) => description.name));
    throw new TypeError(`unknown ${what} ${unknown}: the model's ${what}s are ${known}`);
  }
}

function hasName(ports: readonly Port[], name: string): boolean {
  for (const port of ports) if (port.description.name === name) return true;
  return false;
}

function missingInputs(ports: readonly Port[], given: Named<unknown>): TypeError {
  const names = ports.map(({ description }) => description.name);
  const missing = printNames(names.filter((name) => !Object.hasOwn(given, name)));
  return new TypeError(`missing input ${missing}: the model's inputs are ${printNames(names)}`);
}
