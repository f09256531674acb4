const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const input = (text: string): Readonly<Record<string, Uint8Array>> => ({
  "input.cnn": bytes(text),
});

/** Samples that are too large or too strange to stand in a file: their files, by sample. */
export const generated: Readonly<Record<string, () => Readonly<Record<string, Uint8Array>>>> = {
  "source-too-large": () => ({ "input.cnn": new Uint8Array(100 * 1024 * 1024).fill(0x20) }),
  "source-too-large.two-byte-characters": () => input(`//${"é".repeat(3 * 1024 * 1024)}`),
  "too-many-tokens": () => input(`const a = ${"-".repeat(1_000_000)}1`),
  "too-many-open-brackets.ten-thousand": () =>
    input(`model M { input x: f32[1] ${"{".repeat(10_000)}relu${"}".repeat(10_000)} output y }`),
  "operators-too-deep": () => input(`const a = 1${" + 1".repeat(1000)}\n`),
  "invalid-utf8": () => ({
    "input.cnn": new Uint8Array([...bytes("// caf"), 0xe9, ...bytes("\nmodel M { }\n")]),
  }),
  "invalid-utf8.truncated": () => ({ "input.cnn": new Uint8Array([...bytes("// "), 0xe2, 0x82]) }),
  "invalid-utf8.surrogate": () => ({
    "input.cnn": new Uint8Array([...bytes("// "), 0xed, 0xa0, 0x80]),
  }),
  "unexpected-character.controls": () => input("model M {\n  \u0000\u0007 relu\u001b[31m\n}\n"),
  "control-character-in-string": () => input('model M {\n  weights "a\u001b[31m\tb"\n}\n'),
};
