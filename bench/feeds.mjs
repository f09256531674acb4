// What every engine is given: the same seeded noise for the inputs that `network.json` names.
import { readFileSync } from "node:fs";
import path from "node:path";

/** Uniform numbers in -1..1. */
function noise(size, seed) {
  const data = new Float32Array(size);
  let state = seed >>> 0;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state / 2147483648 - 1;
  }
  return data;
}

export const readInputs = (folder) =>
  JSON.parse(readFileSync(path.join(folder, "network.json"), "utf8")).inputs;

/** An array for each input, by name. */
export function readFeeds(folder) {
  const feeds = readInputs(folder).map(({ name, shape }, i) => {
    const size = shape.reduce((product, n) => product * n, 1);
    return [name, noise(size, i + 1)];
  });
  return Object.fromEntries(feeds);
}
