import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * A compiled module in `FOLDER/PART`, as a user imports and loads it. Results go to the arrays of the run before,
 * which `run` offers and the other engines do not: theirs are new arrays every time.
 */
export async function loadCompiled(folder, part, options) {
  const { load } = await import(pathToFileURL(path.join(folder, part, "network.js")));
  const model = await load(options);
  let outputs;
  const run = (feeds) => {
    outputs = model.run(feeds, outputs);
    return outputs;
  };
  return { model, run, sync: true };
}
