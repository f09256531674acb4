import ts from "typescript";
import { interpret } from "../../src/codegen/loops/interpret.js";
import { planGraph } from "../../src/codegen/plan/index.js";
import type { Plan } from "../../src/codegen/plan/plan.js";
import { typescriptTarget, wasmTarget } from "../../src/codegen/target.js";
import { emitTypescript } from "../../src/codegen/typescript/module.js";
import { emitWasm } from "../../src/codegen/wasm/module.js";
import { evaluate } from "../../src/ir/evaluate.js";
import type { Graph } from "../../src/ir/graph.js";
import { sizeOf } from "../../src/ir/types.js";
import { expectClose } from "./close.js";
import { noiseFor } from "./graphs.js";

type Inputs = ReadonlyMap<string, Float32Array | Uint8Array>;

/** Memory as `prepare` finds it: weights in place, NaN everywhere else. */
function fillWeights(plan: Plan, memory: ArrayBuffer): void {
  new Float32Array(memory, 0, Math.floor(memory.byteLength / 4)).fill(Number.NaN);
  for (const { address, data } of plan.weights) {
    new Float32Array(memory, address, data.length).set(data);
  }
}

/** Inputs where one inference reads them; after `prepare`, since they may lie over what that reads. */
function fillInputs(plan: Plan, memory: ArrayBuffer, inputs: Inputs): void {
  for (const { name, bytes } of plan.inputs) {
    const data = inputs.get(name)!;
    const own =
      data instanceof Uint8Array
        ? new Uint8Array(memory, bytes, data.length)
        : new Float32Array(memory, bytes, data.length);
    own.set(data);
  }
}

function readOutputs(plan: Plan, memory: ArrayBuffer) {
  const shapes = new Map(plan.graph.outputs.map(({ name, value }) => [name, value.type.shape]));
  return new Map(
    plan.outputs.map(({ name, bytes }) => {
      const shape = shapes.get(name)!;
      const data = new Float32Array(memory, bytes, sizeOf(shape)).slice();
      return [name, { shape, data }];
    }),
  );
}

/** What a plan computes, by the loop interpreter. */
export function interpretPlan(plan: Plan, inputs: Inputs) {
  const memory = new ArrayBuffer(plan.module.memoryBytes);
  fillWeights(plan, memory);
  const precision = plan.target.lanes === 4 ? "float32" : "float64";
  const { module } = plan;
  interpret({ ...module, schedule: [] }, memory, { precision });
  fillInputs(plan, memory, inputs);
  interpret({ ...module, prepare: [] }, memory, { precision });
  return readOutputs(plan, memory);
}

/** What a plan computes as WebAssembly. */
export async function runWasm(plan: Plan, inputs: Inputs) {
  const bytes = await emitWasm(plan.module);
  const initial = Math.ceil(plan.module.memoryBytes / 65536);
  const memory = new WebAssembly.Memory({ initial, maximum: initial });
  fillWeights(plan, memory.buffer);
  const code = new Uint8Array(bytes);
  const { instance } = await WebAssembly.instantiate(code, { env: { memory } });
  const { prepare, run } = instance.exports;
  if (typeof run !== "function") throw new Error("the module exports no run");
  if (typeof prepare === "function") prepare();
  fillInputs(plan, memory.buffer, inputs);
  run();
  return readOutputs(plan, memory.buffer);
}

/** What a plan computes as TypeScript, its types taken off. */
export async function runTypescript(plan: Plan, inputs: Inputs) {
  const { kernels, prepares } = await emitTypescript(plan.module);
  const compilerOptions = { target: ts.ScriptTarget.ES2022 };
  const script = ts.transpileModule(kernels, { compilerOptions }).outputText;
  const memory = new ArrayBuffer(plan.module.memoryBytes);
  fillWeights(plan, memory);
  const views = [
    new Float32Array(memory, 0, Math.floor(memory.byteLength / 4)),
    new Uint8Array(memory),
  ];
  const call = (name: "prepare" | "run"): void => {
    new Function("m", "u8", `"use strict"; ${script}; ${name}(m, u8);`)(...views);
  };
  if (prepares) call("prepare");
  fillInputs(plan, memory, inputs);
  call("run");
  return readOutputs(plan, memory);
}

/** Fails unless the plans of a graph for both targets compute what the evaluator computes. */
export function expectPlanned(graph: Graph, limit = 1e-5, inputs: Inputs = noiseFor(graph)): void {
  const expected = evaluate(graph, inputs);
  for (const target of [wasmTarget, typescriptTarget]) {
    expectClose(interpretPlan(planGraph(graph, target), inputs), expected, limit);
  }
}
