/** Bytes a piece: a multiple of 3, so that the pieces' texts can be joined. */
const piece = 3 * 8192;

/** Bytes as base64. */
export function encodeBase64(bytes: Uint8Array): string {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    texts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + piece))));
  }
  return texts.join("");
}
