/** Where bytes stop being UTF-8. */
export interface BadByte {
  readonly offset: number;
  readonly byte: string;
}

const decode = (bytes: Uint8Array, stream: boolean): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream });

function isText(bytes: Uint8Array, stream: boolean): boolean {
  try {
    decode(bytes, stream);
    return true;
  } catch {
    return false;
  }
}

/** The text of UTF-8 bytes, or the first byte that is none. */
export function decodeText(bytes: Uint8Array): string | BadByte {
  try {
    return decode(bytes, false);
  } catch {
    const offset = textLength(bytes);
    return { offset, byte: `0x${(bytes[offset] ?? 0).toString(16).padStart(2, "0")}` };
  }
}

/** How many bytes from the start are whole characters. */
function textLength(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isText(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle;
  }
  while (!isText(bytes.subarray(0, good), false)) good--;
  return good;
}
