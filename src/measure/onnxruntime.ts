import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeOnnx } from "../export/onnx/write-onnx.js";
import type { Graph } from "../ir/graph.js";
import { sizeOf } from "../ir/types.js";
import type { Feeds, Rival } from "./compare.js";

/** What is used of onnxruntime-web. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: string, data: Float32Array | Uint8Array, shape: number[]) => unknown;
  readonly InferenceSession: {
    create(model: Uint8Array, options: unknown): Promise<Session>;
  };
}

interface Session {
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, Output>>>;
}

interface Output {
  readonly data: Float32Array;
}

/** The file of a package as a folder's own scripts would find it; undefined where it is not installed. */
function resolveFrom(folder: string, name: string): string | undefined {
  try {
    return createRequire(join(folder, "any.js")).resolve(name);
  } catch {
    return undefined;
  }
}

/**
 * The same network in onnxruntime-web (wasm provider, all graph optimisations), by our ONNX writer;
 * undefined where the package is not installed beside or above the folder. Arrays in, arrays out.
 */
export async function openOnnxruntime(
  graph: Graph,
  folder: string,
  threads: number,
): Promise<Rival | undefined> {
  const file = resolveFrom(folder, "onnxruntime-web");
  if (file === undefined) return undefined;
  const runtime: Runtime = await import(/* @vite-ignore */ pathToFileURL(file).href);
  const { InferenceSession, Tensor, env } = runtime;
  env.wasm.numThreads = threads;
  const session = await InferenceSession.create(writeOnnx(graph), {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
  });
  const tensorsOf = (feeds: Feeds) =>
    graph.inputs.map(({ name, value }) => {
      const { shape, element } = value.type;
      const data = feeds[name];
      if (data === undefined || data.length !== sizeOf(shape))
        throw new TypeError(`input ${name} does not have the shape ${shape.join("×")}`);
      return [name, new Tensor(element === "u8" ? "uint8" : "float32", data, [...shape])] as const;
    });
  return {
    name: "onnxruntime-web",
    async run(feeds) {
      const results = await session.run(Object.fromEntries(tensorsOf(feeds)));
      return new Map(graph.outputs.map(({ name }) => [name, results[name]!.data]));
    },
  };
}
