// The outputs that engines wrote, compared before anything is timed.
import { readFileSync } from "node:fs";
import path from "node:path";

/** How far an engine's outputs may lie from ours, in parts of the largest output. */
export const largestDifference = 2e-4;

function readOutputs(folder, engine, threads) {
  const bytes = Uint8Array.from(readFileSync(path.join(folder, `${engine}-${threads}.outputs`)));
  return new Float32Array(bytes.buffer);
}

/** The largest difference of two engines' outputs in parts of the largest output; NaN is told as infinite. */
export function differenceOf(folder, [engine, threads], [other, otherThreads]) {
  const mine = readOutputs(folder, engine, threads);
  const theirs = readOutputs(folder, other, otherThreads);
  if (mine.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let [largest, apart] = [1e-30, 0];
  for (let i = 0; i < mine.length; i++) {
    largest = Math.max(largest, Math.abs(theirs[i]));
    apart = Math.max(apart, Math.abs(mine[i] - theirs[i]));
  }
  const relative = apart / largest;
  return Number.isNaN(relative) ? Number.POSITIVE_INFINITY : relative;
}

/** Whether our outputs are the same bit for bit on one thread and on several. */
export function sameBits(folder, threads) {
  const [one, several] = [1, threads].map((n) =>
    readFileSync(path.join(folder, `cnnc-${n}.outputs`)),
  );
  return one.equals(several);
}
