import * as ort from "onnxruntime-web";
import { openSession } from "./onnx-session.mjs";

/** The wasm provider with all graph optimisations. */
export function load(folder, { threads }) {
  ort.env.wasm.numThreads = threads;
  return openSession(ort, folder, { executionProviders: ["wasm"] });
}
