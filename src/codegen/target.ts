/** What kernel builders may assume of the machine they write loops for. */
export interface KernelTarget {
  readonly name: "wasm" | "typescript";
  /** f32 lanes of a vector: 4, or 1 where there are no vectors. */
  readonly lanes: 4 | 1;
  /**
   * Output channels of a register tile and pixels beside each other, widest first; one of a single pixel
   * is for results of few pixels.
   */
  readonly tiles: readonly { readonly pixels: number; readonly channels: number }[];
}

/** 15 usable vector registers: accumulators, all loads of the loop body and one temporary. */
export const wasmTarget: KernelTarget = {
  name: "wasm",
  lanes: 4,
  tiles: [
    { pixels: 2, channels: 16 },
    { pixels: 4, channels: 8 },
    { pixels: 4, channels: 4 },
  ],
};

/** Eight or twelve double accumulators in scalar registers. */
export const typescriptTarget: KernelTarget = {
  name: "typescript",
  lanes: 1,
  tiles: [
    { pixels: 1, channels: 8 },
    { pixels: 3, channels: 4 },
    { pixels: 4, channels: 1 },
  ],
};
