import {
  advance,
  FunctionBuilder,
  load,
  loadSplat,
  mulAdd,
  type Variable,
} from "../codegen/loops/build.js";
import type { LoopFunction, LoopModule } from "../codegen/loops/types.js";
import { emitWasm } from "../codegen/wasm/module.js";
import { InternalError } from "../diagnostics/report.js";

/** The tile: 2 pixels by 16 channels, four vectors wide, summed over `depth` numbers. */
const [pixels, vectors, depth] = [2, 4, 256];
const channels = 4 * vectors;
/** Tiles of one call, and calls of one run: about 0.1 ms where 64 GFLOP/s are reached. */
const [tiles, calls] = [32, 12];
/** Pixels lie a little more than their numbers apart, so that they share no cache set. */
const pixelFloats = depth + 16;
const weightFloats = depth * channels;
const floats = weightFloats + pixels * pixelFloats + pixels * channels;
const operations = 2 * pixels * channels * depth * tiles * calls;

/** `y[p][c] = sum of x[p][k] · w[k][c]` over k, as the direct convolution writes it, `tiles` times. */
function probeKernel(): LoopFunction {
  const f = new FunctionBuilder(
    "probe",
    `y[p][c] = sum over k of x[p][k] · w[k][c], ${pixels} x ${channels} x ${depth}`,
  );
  const [w, x, y] = [f.param("w", "floats"), f.param("x", "floats"), f.param("y", "floats")];
  f.for("tile", 0, tiles, 1, () => {
    const sums = Array.from({ length: pixels }, (_, p) =>
      Array.from({ length: vectors }, (_, j) => f.let(`sum${p}_${j}`, load("f32x4", w, 4 * j))),
    );
    const weights = f.let("weights", w);
    f.for("k", x, advance(x, depth), 1, (k) => writeStep(f, k, weights, sums));
    sums.flat().forEach((sum, i) => {
      f.store(y, 4 * i, sum);
    });
  });
  return f.done();
}

/** One k: four vectors of weights, one broadcast a pixel, eight products added. */
function writeStep(
  f: FunctionBuilder,
  k: Variable,
  weights: Variable,
  sums: readonly (readonly Variable[])[],
): void {
  const parts = Array.from({ length: vectors }, (_, j) =>
    f.let(`w${j}`, load("f32x4", weights, 4 * j)),
  );
  sums.forEach((ofPixel, p) => {
    const x = f.let(`x${p}`, loadSplat(k, p * pixelFloats));
    ofPixel.forEach((sum, j) => {
      f.set(sum, mulAdd(x, parts[j]!, sum));
    });
  });
  f.set(weights, advance(weights, channels));
}

/** The probe as a module: `run` makes many calls, so that an engine can change to faster code. */
export function probeModule(): LoopModule {
  const starts = [0, weightFloats, weightFloats + pixels * pixelFloats];
  const call = {
    function: "probe",
    arguments: starts.map((start) => ({ kind: "address", bytes: 4 * start }) as const),
    comment: "the plain register tile",
  };
  return {
    functions: [probeKernel()],
    prepare: [],
    schedule: Array.from({ length: calls }, () => call),
    memoryBytes: 4 * floats,
  };
}

/** A run of the probe over data that are no zeros and stay normal numbers. */
async function loadProbe(): Promise<() => void> {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * floats) / 65536) });
  new Float32Array(memory.buffer, 0, floats).forEach((_, i, data) => {
    data[i] = ((i * 37) % 101) / 50 - 1.01;
  });
  const module = await WebAssembly.compile(new Uint8Array(await emitWasm(probeModule())));
  const { run } = (await WebAssembly.instantiate(module, { env: { memory } })).exports;
  if (typeof run !== "function") throw new InternalError("the probe has no function run");
  return () => run();
}

/** The shortest of all runs within a time, in milliseconds. */
function shortestRun(run: () => void, milliseconds: number): number {
  const end = performance.now() + milliseconds;
  let shortest = Number.POSITIVE_INFINITY;
  for (let start = performance.now(); start < end; ) {
    run();
    const now = performance.now();
    shortest = Math.min(shortest, now - start);
    start = now;
  }
  return shortest;
}

/**
 * What this machine can do at most, in GFLOP/s of one thread: the inner loop of a direct convolution
 * (2 pixels by 16 channels, one k a pass) over data that stay in the first-level cache, with nothing
 * around it. The best of a few hundred short runs, because other work only ever makes a run longer;
 * measure it in the process and minute of what is compared with it.
 */
export async function measurePeak(): Promise<number> {
  const run = await loadProbe();
  shortestRun(run, 60);
  await new Promise((resolve) => setTimeout(resolve, 20));
  return operations / (1e6 * shortestRun(run, 150));
}
