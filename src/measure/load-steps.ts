import type { Call, LoopModule } from "../codegen/loops/types.js";
import { printJavascript } from "../codegen/package/print-javascript.js";
import type { Plan } from "../codegen/plan/index.js";
import { emitTypescript } from "../codegen/typescript/module.js";
import { emitWasm } from "../codegen/wasm/module.js";
import { InternalError } from "../diagnostics/report.js";
import { sizeOf } from "../ir/types.js";
import { generator } from "../weights/initialise.js";

/** A call of a plan that can be made by itself, in all its parts. */
export interface LoadedStep {
  readonly call: Call;
  run(): void;
}

/** A plan's calls over one memory, to be made one by one. */
export interface LoadedSteps {
  readonly plan: Plan;
  readonly steps: readonly LoadedStep[];
  /** Writes weights, seeded noise for the inputs, and the forms that are made once: before the first run. */
  fill(): void;
}

const pageBytes = 65536;
const mostPages = 65536;

/** Memory that plans can be loaded over, one after another: it must be as large as the largest. */
export interface StepMemory {
  readonly buffer: ArrayBuffer;
  readonly wasm?: WebAssembly.Memory;
}

/** Memory for a plan of either target. */
export function stepMemory(target: Plan["target"]["name"], bytes: number): StepMemory {
  if (target === "typescript") return { buffer: new ArrayBuffer(Math.ceil(bytes / 8) * 8) };
  const wasm = new WebAssembly.Memory({
    initial: Math.ceil(bytes / pageBytes),
    maximum: mostPages,
  });
  return { buffer: wasm.buffer, wasm };
}

/** Loads a plan's calls over a memory that is at least as large as the plan's. */
export async function loadSteps(
  plan: Plan,
  memory: StepMemory = stepMemory(plan.target.name, plan.module.memoryBytes),
): Promise<LoadedSteps> {
  const load = (calls: readonly Call[]): Promise<() => void> => loadCalls(plan, memory, calls);
  const { prepare, schedule } = plan.module;
  const prepareAll = prepare.length > 0 ? await load(prepare) : () => {};
  const steps: LoadedStep[] = [];
  for (const call of schedule) steps.push({ call, run: await load([call]) });
  return {
    plan,
    steps,
    fill() {
      fillWeights(plan, memory.buffer);
      prepareAll();
      fillInputs(plan, memory.buffer);
    },
  };
}

/** A function that makes some calls of a plan: a module of its own, which shares nothing but memory. */
function loadCalls(plan: Plan, memory: StepMemory, calls: readonly Call[]): Promise<() => void> {
  const used = new Set(calls.map((call) => call.function));
  const module: LoopModule = {
    functions: plan.module.functions.filter(({ name }) => used.has(name)),
    prepare: [],
    schedule: calls,
    memoryBytes: plan.module.memoryBytes,
  };
  return memory.wasm ? loadWasm(module, memory.wasm) : loadScript(module, memory.buffer);
}

async function loadWasm(loops: LoopModule, memory: WebAssembly.Memory): Promise<() => void> {
  const code = await WebAssembly.compile(new Uint8Array(await emitWasm(loops)));
  const { run } = (await WebAssembly.instantiate(code, { env: { memory } })).exports;
  if (typeof run !== "function") throw new InternalError("a step has no function run");
  return () => run();
}

async function loadScript(loops: LoopModule, buffer: ArrayBuffer): Promise<() => void> {
  const { kernels } = await emitTypescript(loops);
  const script = await printJavascript(`${kernels}\nexport { run };`);
  const url = `data:text/javascript,${encodeURIComponent(script)}`;
  const { run }: { run(floats: Float32Array, bytes: Uint8Array): void } = await import(
    /* @vite-ignore */ url
  );
  const [floats, bytes] = [new Float32Array(buffer), new Uint8Array(buffer)];
  return () => run(floats, bytes);
}

/** Weights where the plan has them, and no old numbers elsewhere. */
function fillWeights(plan: Plan, buffer: ArrayBuffer): void {
  new Uint8Array(buffer, 0, plan.module.memoryBytes).fill(0);
  for (const { address, data } of plan.weights) {
    new Float32Array(buffer, address, data.length).set(data);
  }
}

/** Noise in the inputs: after the forms of weights were made, since the arena lies over what those are made from. */
function fillInputs(plan: Plan, buffer: ArrayBuffer): void {
  plan.inputs.forEach(({ name, bytes }, index) => {
    const { type } = plan.graph.inputs[index]!.value;
    const next = generator(1, name);
    const size = sizeOf(type.shape);
    const values =
      type.element === "u8" ? new Uint8Array(buffer, bytes, size) : floatsAt(buffer, bytes, size);
    for (let i = 0; i < size; i++) {
      values[i] = type.element === "u8" ? 256 * next() : 2 * next() - 1;
    }
  });
}

const floatsAt = (buffer: ArrayBuffer, bytes: number, size: number): Float32Array =>
  new Float32Array(buffer, bytes, size);
