import path from "node:path";
import { pathToFileURL } from "node:url";

/** The module of the TypeScript target: JavaScript on typed arrays. */
export async function load(folder) {
  const { load: loadModel } = await import(
    pathToFileURL(path.join(folder, "typescript", "network.js"))
  );
  const model = await loadModel();
  return { run: (feeds) => model.run(feeds), sync: true };
}
