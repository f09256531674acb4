import { readFileSync } from "node:fs";
import path from "node:path";
import { readInputs } from "../feeds.mjs";

/** A session of either ONNX runtime on the exported file: arrays in, arrays out, by name. */
export async function openSession({ InferenceSession, Tensor }, folder, options) {
  const file = readFileSync(path.join(folder, "network.onnx"));
  const session = await InferenceSession.create(file, {
    graphOptimizationLevel: "all",
    ...options,
  });
  const inputs = readInputs(folder);
  const run = async (feeds) => {
    const tensors = inputs.map(({ name, shape }) => [
      name,
      new Tensor("float32", feeds[name], shape),
    ]);
    const results = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries(session.outputNames.map((name) => [name, results[name].data]));
  };
  return { run, sync: false };
}
