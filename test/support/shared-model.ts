import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Form } from "../../src/codegen/package/declarations.js";
import { packageModel } from "../../src/codegen/package/package.js";
import { planGraph } from "../../src/codegen/plan/index.js";
import type { Plan } from "../../src/codegen/plan/plan.js";
import { wasmTarget } from "../../src/codegen/target.js";
import { emitWasm } from "../../src/codegen/wasm/module.js";
import type { Graph } from "../../src/ir/graph.js";
import type { LoadedModel } from "../../src/runtime/model.js";

/** A plan whose calls are all shared by threads, however small they are. */
export function sharedPlan(graph: Graph): Plan {
  const plan = planGraph(graph, wasmTarget);
  const shared = (calls: Plan["module"]["schedule"]) =>
    calls.map((call) => (call.range ? { ...call, range: { ...call.range, least: 1 } } : call));
  const { schedule, prepare } = plan.module;
  const module = { ...plan.module, schedule: shared(schedule), prepare: shared(prepare) };
  return { ...plan, module };
}

/** The module of a model that was packaged, and the files beside it. */
export interface PackagedModel {
  readonly source: Uint8Array;
  readonly wasm: Uint8Array | undefined;
  readonly weights: Uint8Array | undefined;
  load(options?: Readonly<Record<string, unknown>>): Promise<LoadedModel>;
}

/** A plan's module, imported. */
export async function packageShared(plan: Plan, form: Form = "inline"): Promise<PackagedModel> {
  const code = { target: "wasm", bytes: await emitWasm(plan.module) } as const;
  const files = await packageModel(plan, "shared", form, code);
  const source = files.get("shared.js")!;
  const url = `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
  const module: Pick<PackagedModel, "load"> = await import(/* @vite-ignore */ url);
  const [wasm, weights] = [files.get("shared.wasm"), files.get("shared.weights.bin")];
  return { source, wasm, weights, load: module.load };
}

const workerThreads: typeof import("node:worker_threads") = createRequire(import.meta.url)(
  "node:worker_threads",
);

/** Counts the workers that are started and not ended while `use` runs. */
export async function withWorkerCount(
  use: (counts: { started: number; live: number }) => Promise<void>,
): Promise<void> {
  const { Worker: Original } = workerThreads;
  const counts = { started: 0, live: 0 };
  class Counted extends Original {
    constructor(...args: ConstructorParameters<typeof Original>) {
      super(...args);
      counts.started++;
      counts.live++;
      this.on("exit", () => {
        counts.live--;
      });
    }
  }
  const install = (worker: typeof Original): void => {
    workerThreads.Worker = worker;
    syncBuiltinESMExports();
  };
  install(Counted);
  try {
    await use(counts);
  } finally {
    install(Original);
  }
}
