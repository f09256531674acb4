import type { WorkKind } from "../kernels/work.js";
import type { KernelTarget } from "../target.js";

/** How many units of each kind of work are done in a microsecond. */
export type MachineCosts = { readonly [K in WorkKind]: number };

/**
 * Fitted to what `cnnc bench MODEL --per-layer` shows of ResNet-18 (with Winograd and with `--winograd off`) and
 * MobileNetV2 on one core of a 2-core server at about 4.4 GHz with Node 20: the rate of tiles from 3×3
 * layers, of transforms from what Winograd layers take beside their tiles, of weights from the fully
 * connected layers and those of 512 channels. Predictions there were within a quarter of each other's
 * ratios. Only ratios decide between algorithms, and they change little from machine to machine; where
 * they do, `cnnc tune MODEL` measures the model's own layers instead.
 */
export const machineCosts: { readonly [T in KernelTarget["name"]]: MachineCosts } = {
  wasm: {
    tileMacs: 33_000,
    tileRuns: 1_000,
    depthwiseMacs: 24_000,
    transforms: 8_000,
    elements: 9_000,
    longFunctions: 600,
    weightBytes: 32_000,
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
