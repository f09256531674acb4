import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText } from "../../src/dsl/decode.js";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test("text comes back as it was, its byte-order mark included", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(decodeText(encode(`\ufeff${text}`))).toBe(`\ufeff${text}`);
    }),
    { seed: 1 },
  );
});

test.each([
  ["a lone continuation", [0x80], 0],
  ["a character cut short by the end", [0xe2, 0x82], 0],
  ["a character cut short by another", [0xf0, 0x9f, 0x98, 0x41], 0],
  ["an overlong form", [0xc0, 0xaf], 0],
  ["a surrogate", [0xed, 0xa0, 0x80], 0],
  ["a byte that never occurs", [0xff], 0],
  ["the second of two characters", [0xc3, 0xa9, 0xc3], 2],
])("%s is found at its first byte", (_what, bad, skipped) => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
      const before = encode(text);
      const offset = before.length + skipped;
      expect(decodeText(new Uint8Array([...before, ...bad, 0x20]))).toEqual({
        offset,
        byte: `0x${bad[skipped]?.toString(16)}`,
      });
    }),
    { seed: 2, numRuns: 20 },
  );
});

test("a bad byte at the end of 4 MB is found at once", () => {
  const bytes = new Uint8Array(4 * 1024 * 1024).fill(0x20);
  bytes[bytes.length - 2] = 0xff;
  expect(decodeText(bytes)).toEqual({ offset: bytes.length - 2, byte: "0xff" });
});
