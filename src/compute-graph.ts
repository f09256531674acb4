import { planGraph } from "./codegen/plan/index.js";
import type { Plan } from "./codegen/plan/plan.js";
import { wasmTarget } from "./codegen/target.js";
import { pagesOf, type WasmEmitter, wasmEmitter } from "./codegen/wasm/module.js";
import type { Graph } from "./ir/graph.js";
import { sizeOf } from "./ir/types.js";
import type { Compute, Sample } from "./passes/calibration.js";
import { fuseEpilogue } from "./passes/fuse-epilogue.js";
import { computeByMeaning } from "./passes/grants/compute-by-meaning.js";
import { contextFor } from "./passes/run.js";

/** The most bytes of memory that a graph is run in here; larger ones are computed by their meaning, slowly. */
const mostBytes = 2 ** 31;

/** One inference at a time. */
type Run = (sample: Sample) => Sample;

/**
 * Computes graphs as WebAssembly in this process, by sums as they are written: Winograd's rounding would count
 * as an error of what is measured. Waits for what emits the code; what it gives does not wait. Graphs that take
 * too much memory are computed by the reference evaluator.
 */
export async function graphComputer(): Promise<Compute> {
  const emit = await wasmEmitter();
  const known = new WeakMap<Graph, Run>();
  return (graph, samples) => {
    const run = known.get(graph) ?? runnerOf(graph, emit);
    known.set(graph, run);
    return samples.map(run);
  };
}

function runnerOf(graph: Graph, emit: WasmEmitter): Run {
  const plan = planGraph(fuseEpilogue.run(graph, contextFor({})), wasmTarget, { roundMore: false });
  const memory = plan.module.memoryBytes <= mostBytes ? memoryOf(plan) : undefined;
  if (!memory) return (sample) => computeByMeaning(graph, [sample])[0]!;
  for (const { address, data } of plan.weights) {
    new Float32Array(memory.buffer, address, data.length).set(data);
  }
  const module = new WebAssembly.Module(new Uint8Array(emit(plan.module)));
  const { prepare, run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (typeof prepare === "function") prepare();
  return (sample) => {
    fillInputs(plan, memory.buffer, sample);
    if (typeof run === "function") run();
    return readOutputs(plan, memory.buffer);
  };
}

/** The memory of a plan; undefined where this process has no room for it. */
function memoryOf({ module }: Plan): WebAssembly.Memory | undefined {
  const pages = pagesOf(module);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    return undefined;
  }
}

function fillInputs({ graph, inputs }: Plan, memory: ArrayBuffer, sample: Sample): void {
  const elements = new Map(graph.inputs.map(({ name, value }) => [name, value.type.element]));
  for (const { name, bytes } of inputs) {
    const data = sample.get(name)!;
    if (elements.get(name) === "u8") new Uint8Array(memory, bytes, data.length).set(data);
    else new Float32Array(memory, bytes, data.length).set(data);
  }
}

function readOutputs({ graph, outputs }: Plan, memory: ArrayBuffer): Sample {
  const sizes = new Map(graph.outputs.map(({ name, value }) => [name, sizeOf(value.type.shape)]));
  return new Map(
    outputs.map(({ name, bytes }) => [
      name,
      new Float32Array(memory, bytes, sizes.get(name)!).slice(),
    ]),
  );
}
