import { error } from "./entry.js";

/** CNN69x: edits of a model's source before it is trained. */
export const rewrites = {
  "rewrite-path": error<{ path: string; nearest: string | undefined }>(
    "CNN690",
    ({ path }) => `there is no convolution called ${JSON.stringify(path)}`,
    ({ nearest }) => (nearest ? `did you mean ${nearest}?` : undefined),
  ),
  "rewrite-unfit": error<{ path: string; reason: string }>(
    "CNN691",
    ({ path, reason }) => `${path} cannot be rewritten: ${reason}`,
  ),
  "rewrite-weights": error<{ file: string }>(
    "CNN692",
    ({ file }) =>
      `the model's weights, ${JSON.stringify(file)}, bind its layers: a rewritten one would need other weights`,
    () =>
      "remove the weights line to change the architecture before training, or grant a rewrite that keeps the function: optimize { separate(path, within=0.01) }",
  ),
  "rewrite-twice": error<{ first: string; second: string }>(
    "CNN693",
    ({ first, second }) =>
      first === second
        ? `${first} is to be rewritten twice`
        : `${first} and ${second} are written in the same place, which can be rewritten once`,
    () => "name it once: all layers that are written there change",
  ),
  "rewrite-breaks": error<{ problem: string }>(
    "CNN694",
    ({ problem }) => `the model is not valid once rewritten: ${problem}`,
    () => "change or remove what no longer holds, then rewrite",
  ),
  "hand-over-not-granted": error<{ model: string }>(
    "CNN695",
    ({ model }) => `${model} has nothing to hand over: no layer may be rewritten`,
    () => "give --tolerance X, or write optimize { separate(path, within=0.01) }",
  ),
  "hand-over-unchanged": error<{ model: string; how: string }>(
    "CNN696",
    ({ model, how }) => `${model} has nothing to hand over: no layer can be rewritten ${how}`,
    () => "cnnc inspect --passes tells what was looked at, and why it stays",
  ),
};
