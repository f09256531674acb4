import { readFileSync } from "node:fs";
import path from "node:path";
import * as ort from "onnxruntime-web";

/** The wasm provider with all graph optimisations, on one thread. */
export async function load(folder) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(
    readFileSync(path.join(folder, "network.onnx")),
    {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
    },
  );
  const { inputs } = JSON.parse(readFileSync(path.join(folder, "network.json"), "utf8"));
  return async (feeds) => {
    const tensors = inputs.map(({ name, shape }) => [
      name,
      new ort.Tensor("float32", feeds[name], shape),
    ]);
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(session.outputNames.map((name) => [name, results[name].data]));
  };
}
