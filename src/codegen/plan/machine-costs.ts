import type { WorkKind } from "../kernels/work.js";
import type { KernelTarget } from "../target.js";

/** How many units of each kind of work are done in a microsecond. */
export type MachineCosts = { readonly [K in WorkKind]: number };

/**
 * Measured with `cnnc bench MODEL --per-layer` on ResNet-18, MobileNetV2, SqueezeNet 1.1 and U-Net (one
 * thread of a server core at about 4.4 GHz, Node 20), each rate from the layers that do little else. Only
 * their ratios decide between algorithms, and those change little from machine to machine; where they do,
 * `cnnc tune MODEL` measures the model's own layers instead.
 */
export const machineCosts: { readonly [T in KernelTarget["name"]]: MachineCosts } = {
  wasm: {
    tileMacs: 33_000,
    tileRuns: 250,
    depthwiseMacs: 24_000,
    transforms: 8_000,
    elements: 6_000,
    longFunctions: 600,
    weightBytes: 20_000,
  },
  typescript: {
    tileMacs: 2_800,
    tileRuns: 120,
    depthwiseMacs: 1_000,
    transforms: 600,
    elements: 700,
    longFunctions: 40,
    weightBytes: 10_000,
  },
};
