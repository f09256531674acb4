import * as ort from "onnxruntime-web";
import type { NamedTensor } from "../../scripts/round-trip/outputs.js";
import type { OnnxRunner } from "../../scripts/round-trip/trips.js";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/** Runs a model in onnxruntime-web's WebAssembly provider, with all of its own rewrites. */
export const runInOnnxruntime: OnnxRunner = async (model, inputs) => {
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const feeds = inputs.map(({ name, shape, data }) => {
    const type = data instanceof Uint8Array ? "uint8" : "float32";
    return [name, new ort.Tensor(type, data, [...shape])] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  const outputs = session.outputNames.map((name): NamedTensor => {
    const { data, dims } = results[name]!;
    if (!(data instanceof Float32Array)) throw new Error(`the output ${name} is not of floats`);
    return { name, shape: dims, data };
  });
  await session.release();
  return outputs;
};
