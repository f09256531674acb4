// What has to be downloaded: of ours the compiled module, of the others the runtime that reads the model.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);
const beside = (entry, names) =>
  names.map((name) => path.join(path.dirname(require.resolve(entry)), name));

/** The smallest files of each runtime that a page can load: one thread, SIMD, minified. */
const runtimes = {
  "onnxruntime-web": () =>
    beside("onnxruntime-web/wasm", ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"]),
  tfjs: () => [
    ...beside("@tensorflow/tfjs-core", ["tf-core.fesm.min.js"]),
    ...beside("@tensorflow/tfjs-backend-wasm", [
      "tf-backend-wasm.fesm.min.js",
      "tfjs-backend-wasm-simd.wasm",
    ]),
  ],
};

function sizeOf(files) {
  const contents = files.map((file) => readFileSync(file));
  const sum = (sizes) => sizes.reduce((a, b) => a + b, 0);
  return {
    raw: sum(contents.map((bytes) => bytes.length)),
    gzip: sum(contents.map((bytes) => gzipSync(bytes, { level: 9 }).length)),
  };
}

/** Raw and compressed bytes of a runtime's files, and their names. */
export function runtimeSize(engine) {
  const files = runtimes[engine]();
  return { ...sizeOf(files), files: files.map((file) => path.basename(file)) };
}

/**
 * Raw and compressed bytes of a compiled module: the code that one visitor downloads, which is the module and one
 * of its kernel files, and apart from it its weights.
 */
export function moduleSize(folder) {
  const files = readdirSync(path.join(folder, "cnnc")).map((name) =>
    path.join(folder, "cnnc", name),
  );
  const ending = (...endings) => files.filter((file) => endings.includes(path.extname(file)));
  const downloaded = ending(".js", ".wasm").filter((file) => !file.endsWith(".relaxed.wasm"));
  return { code: sizeOf(downloaded), weights: sizeOf(ending(".bin")).raw };
}
