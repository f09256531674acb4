/** A module of one function, whose only instruction is `f32x4.relaxed_madd`. */
const probe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 8, 1, 96, 3, 123, 123, 123, 1, 123],
  ...[3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11],
);

/** Whether the engine has relaxed SIMD, and with it fused multiply-adds. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(probe);
