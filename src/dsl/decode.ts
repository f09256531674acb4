/** Where bytes stop being UTF-8. */
export interface BadByte {
  readonly offset: number;
  readonly byte: string;
}

const strict = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

/** The length of the sequence that starts at `at`; undefined when there is none. */
function sequenceAt(bytes: Uint8Array, at: number): number | undefined {
  const lead = bytes[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  try {
    strict(bytes.subarray(at, at + length));
    return length;
  } catch {
    return undefined;
  }
}

/** The text of UTF-8 bytes, or the first byte that is none. */
export function decodeText(bytes: Uint8Array): string | BadByte {
  try {
    return strict(bytes);
  } catch {
    let at = 0;
    for (let next = sequenceAt(bytes, at); next; next = sequenceAt(bytes, at)) at += next;
    return { offset: at, byte: `0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}` };
  }
}
