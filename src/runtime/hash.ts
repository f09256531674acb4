/**
 * A 128-bit content hash as 32 hexadecimal digits: four lanes over the little-endian 32-bit words of
 * `bytes` (the last word filled with zeros) and its length. It finds mixed-up and damaged files; it
 * is no defence against forgery.
 */
export function hashBytes(bytes: Uint8Array): string {
  const count = bytes.length >>> 2;
  const words = wordsOf(bytes, count);
  let [a, b, c, d] = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];
  let at = 0;
  for (; at + 4 <= count; at += 4) {
    a = mix(a, words[at]!);
    b = mix(b, words[at + 1]!);
    c = mix(c, words[at + 2]!);
    d = mix(d, words[at + 3]!);
  }
  for (; at < count; at++) a = mix(a, words[at]!);
  for (let tail = 4 * count; tail < bytes.length; tail++) b = mix(b, bytes[tail]! + 1);
  return [mix(a, bytes.length), mix(b, a), mix(c, b), mix(d, c)].map(finish).join("");
}

function wordsOf(bytes: Uint8Array, count: number): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, count);
}

function mix(state: number, word: number): number {
  const mixed = Math.imul(state ^ word, 0x9e3779b1);
  return (mixed << 13) | (mixed >>> 19);
}

function finish(state: number): string {
  const once = Math.imul(state ^ (state >>> 15), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return ((twice ^ (twice >>> 16)) >>> 0).toString(16).padStart(8, "0");
}
