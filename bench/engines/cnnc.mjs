import path from "node:path";
import { pathToFileURL } from "node:url";

/** The compiled module, as a user imports it. */
export async function load(folder, { threads }) {
  const { load: loadModel } = await import(pathToFileURL(path.join(folder, "cnnc", "network.js")));
  const model = await loadModel({ threads });
  const reason = model.threads === threads ? undefined : (model.threadsReason ?? "no reason given");
  return { run: (feeds) => model.run(feeds), sync: true, reason };
}
