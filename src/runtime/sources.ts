import { describeValue } from "./arrays.js";

/** The bytes of a source: a `file:` URL through the file system, any other by fetch. */
export async function readBytes(what: string, source: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const given = bytesOf(source);
  if (given) return given;
  const url = urlOf(what, source);
  if (url.protocol === "file:") {
    return withFile(what, url, async (file) => new Uint8Array(await file.readFile()));
  }
  return new Uint8Array(await (await fetchFrom(what, url)).arrayBuffer());
}

/**
 * Puts the bytes of a source where they belong in memory, without holding them anywhere else. Throws
 * unless they are exactly as many as the place has.
 */
export async function readInto(what: string, source: unknown, place: Uint8Array): Promise<void> {
  const given = bytesOf(source);
  if (given) {
    checkLength(what, given.length, place);
    place.set(given);
    return;
  }
  const url = urlOf(what, source);
  if (url.protocol === "file:") await withFile(what, url, (file) => readFile(what, file, place));
  else await readResponse(what, await fetchFrom(what, url), place);
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

function urlOf(what: string, source: unknown): URL {
  if (isUrl(source)) return source;
  throw new TypeError(`${what} must be bytes or a URL, got ${describeValue(source)}`);
}

/** What is used of an open file in Node. */
interface OpenFile {
  stat(): Promise<{ readonly size: number }>;
  read(to: Uint8Array, at: number, length: number): Promise<{ readonly bytesRead: number }>;
  readFile(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The specifier is no literal, so that bundlers leave it alone. */
async function withFile<T>(what: string, url: URL, use: (file: OpenFile) => Promise<T>) {
  const specifier = "node:fs/promises";
  const { open } = await import(/* webpackIgnore: true */ /* @vite-ignore */ specifier);
  const file: OpenFile = await open(url).catch((cause: unknown) => {
    throw new Error(`cannot read ${what} from ${url.href}: is it beside the module?`, { cause });
  });
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readFile(what: string, file: OpenFile, place: Uint8Array): Promise<void> {
  checkLength(what, (await file.stat()).size, place);
  for (let at = 0; at < place.length; ) {
    const { bytesRead } = await file.read(place, at, place.length - at);
    if (bytesRead === 0) checkLength(what, at, place);
    at += bytesRead;
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

/** Each part goes to its place as it arrives, where the host streams. */
async function readResponse(what: string, response: Response, place: Uint8Array): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return readInto(what, await response.arrayBuffer(), place);
  let filled = 0;
  for (let part = await reader.read(); part.value; part = await reader.read()) {
    place.set(part.value.subarray(0, place.length - filled), filled);
    filled += part.value.length;
    if (filled > place.length) await reader.cancel();
  }
  checkLength(what, filled, place);
}

/** Throws unless a source has as many bytes as its place. */
function checkLength(what: string, length: number, place: Uint8Array): void {
  if (length === place.length) return;
  const sizes = `${place.length} bytes expected, got ${length}`;
  throw new Error(`${what} belong to another build of the model, or are cut short: ${sizes}`);
}
