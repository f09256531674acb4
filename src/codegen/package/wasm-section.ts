/** A module with a custom section `cnnc` at its end that names the kernels and weights it belongs to. */
export function withHashes(wasm: Uint8Array, kernels: string, weights: string): Uint8Array {
  const encoder = new TextEncoder();
  const name = encoder.encode("cnnc");
  const payload = encoder.encode(`${kernels}:${weights}`);
  const section = [0, 1 + name.length + payload.length, name.length, ...name, ...payload];
  const whole = new Uint8Array(wasm.length + section.length);
  whole.set(wasm);
  whole.set(section, wasm.length);
  return whole;
}
