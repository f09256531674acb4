import path from "node:path";
import { pathToFileURL } from "node:url";

/** A compiled module in `FOLDER/PART`, as a user imports and loads it. */
export async function loadCompiled(folder, part, options) {
  const { load } = await import(pathToFileURL(path.join(folder, part, "network.js")));
  const model = await load(options);
  return { model, run: (feeds) => model.run(feeds), sync: true };
}
