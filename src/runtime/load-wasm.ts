import { describeValue } from "./arrays.js";
import type { Description, Variant } from "./description.js";
import { hashBytes } from "./hash.js";
import { createModel, type LoadedModel } from "./model.js";
import { checkOptions, wantsWide } from "./options.js";
import { bytesOf, fetchFrom, isUrl, readBytes } from "./sources.js";
import { memoryFor, sharingMemory, startEngine, threadingFor } from "./threads.js";
import { loadWeights } from "./weights.js";
import { widen } from "./wide.js";

/** Where `load` gets the two halves of a model: bytes, URLs or a compiled module. */
export interface WasmSources {
  readonly wasm: unknown;
  readonly weights: unknown;
}

/** The custom section that names the pair of kernels and weights; the last of the module. */
const sectionName = "cnnc";
/** Its size: kind, length, the name with its length, and two hashes with a colon between. */
const sectionBytes = 2 + 5 + 65;

/** Compiles the kernels, fills a memory with the weights, and gives the model over them. */
export async function loadWasm(
  description: Description,
  sources: () => WasmSources,
  options: unknown,
): Promise<LoadedModel> {
  const asked = checkOptions(options, ["threads", "wasm", "weights", "wide"]);
  const wide = wantsWide(options);
  const { wasm, weights } = sources();
  const { memoryBytes, shareable } = description;
  const threading = threadingFor(asked, shareable, isModule(wasm));
  const memory = memoryFor(memoryBytes, threading);
  const [module] = await Promise.all([
    kernelsFrom(description, wasm, threading.threads > 1),
    loadWeights(description, weights, memory.buffer),
  ]);
  const variant = variantOf(description, module);
  const { module: wider, reason: wideReason } = wide
    ? await widen(description, module, await bytesAgain(wasm), memory.buffer, threading)
    : {};
  const engine = await startEngine(wider ?? module, memory, memoryBytes, threading);
  return createModel(description, engine, { variant: wider ? "wide" : variant, wideReason });
}

/** The bytes of kernels that were compiled from bytes. */
const bytesAgain = async (source: unknown): Promise<Uint8Array | undefined> =>
  isModule(source) ? undefined : readBytes("wasm", source);

async function kernelsFrom(
  description: Description,
  source: unknown,
  shared: boolean,
): Promise<WebAssembly.Module> {
  if (isUrl(source) && source.protocol !== "file:") {
    return fetchKernels(description, source, shared);
  }
  if (isUrl(source) || bytesOf(source)) {
    return compileKernels(description, await readBytes("wasm", source), shared);
  }
  if (isModule(source)) return source;
  const wanted = "bytes, a URL or a WebAssembly.Module";
  throw new TypeError(`load: wasm must be ${wanted}, got ${describeValue(source)}`);
}

/** Compiles while it downloads where the server says that it is wasm and nothing changes in it. */
async function fetchKernels(
  description: Description,
  url: URL,
  shared: boolean,
): Promise<WebAssembly.Module> {
  const response = await fetchFrom("wasm", url);
  if (!shared && response.headers.get("content-type") === "application/wasm") {
    return WebAssembly.compileStreaming(response);
  }
  return compileKernels(description, new Uint8Array(await response.arrayBuffer()), shared);
}

/** Compiles bytes that are what they were when they were built. */
function compileKernels(
  { hash }: Description,
  bytes: Uint8Array<ArrayBuffer>,
  shared: boolean,
): Promise<WebAssembly.Module> {
  const found = hashBytes(bytes.subarray(0, -sectionBytes));
  if (found !== hash.kernels && found !== hash.relaxed) {
    throw new Error(
      "wasm belongs to another build of the model, or is damaged: wrong content hash",
    );
  }
  return WebAssembly.compile(shared ? sharingMemory(bytes) : bytes).catch((cause: unknown) => {
    const lacks = found === hash.kernels ? "SIMD" : "relaxed SIMD";
    throw new Error(`this engine cannot compile wasm: it has no ${lacks}`, { cause });
  });
}

const isModule = (source: unknown): source is WebAssembly.Module =>
  Object.prototype.toString.call(source) === "[object WebAssembly.Module]";

/** Which of the kernels built with these weights the module has; throws unless it says that it has any. */
function variantOf({ name, hash }: Description, module: WebAssembly.Module): Variant {
  const [section] = WebAssembly.Module.customSections(module, sectionName);
  const found = section ? new TextDecoder().decode(section) : "none";
  if (found === `${hash.kernels}:${hash.weights}`) return "baseline";
  if (found === `${hash.relaxed}:${hash.weights}`) return "relaxed";
  const problem = `wasm belongs to another build of model ${JSON.stringify(name)}`;
  throw new Error(`${problem}: its content hash is ${found}`);
}
