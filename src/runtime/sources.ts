import { describeValue } from "./arrays.js";
import { hashBytes } from "./hash.js";

/** The bytes of a source: a `file:` URL through the file system, any other by fetch. */
export async function readBytes(what: string, source: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const given = bytesOf(source);
  if (given) return given;
  if (!isUrl(source)) {
    throw new TypeError(`${what} must be bytes or a URL, got ${describeValue(source)}`);
  }
  if (source.protocol === "file:") return readFile(what, source);
  const response = await fetchFrom(what, source);
  return new Uint8Array(await response.arrayBuffer());
}

/** A view of the bytes when the source is bytes; a copy when they are shared with other threads. */
export function bytesOf(source: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (isBuffer(source)) return new Uint8Array(source);
  if (!ArrayBuffer.isView(source)) return undefined;
  const { buffer, byteOffset, byteLength } = source;
  if (isBuffer(buffer)) return new Uint8Array(buffer, byteOffset, byteLength);
  return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
}

const isBuffer = (source: unknown): source is ArrayBuffer =>
  Object.prototype.toString.call(source) === "[object ArrayBuffer]";

export const isUrl = (source: unknown): source is URL =>
  Object.prototype.toString.call(source) === "[object URL]";

/** The specifier is no literal, so that bundlers leave it alone. */
async function readFile(what: string, url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const specifier = "node:fs/promises";
  const fs = await import(/* webpackIgnore: true */ /* @vite-ignore */ specifier);
  try {
    return new Uint8Array(await fs.readFile(url));
  } catch (cause) {
    throw new Error(`cannot read ${what} from ${url.href}: is it beside the module?`, { cause });
  }
}

/** A successful response. */
export async function fetchFrom(what: string, url: URL): Promise<Response> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Error(`cannot load ${what} from ${url.href}: it could not be fetched`, { cause });
  });
  if (response.ok) return response;
  throw new Error(`cannot load ${what} from ${url.href}: HTTP status ${response.status}`);
}

/** Throws unless the bytes are those that the module was built with. */
export function checkBytes(what: string, bytes: Uint8Array, length: number, hash: string): void {
  if (bytes.length !== length) {
    const sizes = `${length} bytes expected, got ${bytes.length}`;
    throw new Error(`${what} belong to another build of the model, or are cut short: ${sizes}`);
  }
  if (hashBytes(bytes) === hash) return;
  throw new Error(
    `${what} belong to another build of the model, or are damaged: wrong content hash`,
  );
}
