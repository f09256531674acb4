import path from "node:path";
import { pathToFileURL } from "node:url";

/** The compiled module, as a user imports it. */
export async function load(folder) {
  const { load: loadModel } = await import(pathToFileURL(path.join(folder, "cnnc", "network.js")));
  const model = await loadModel();
  return (feeds) => model.run(feeds);
}
