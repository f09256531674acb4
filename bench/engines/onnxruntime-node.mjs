import { createRequire } from "node:module";
import { openSession } from "./onnx-session.mjs";

/** It is installed beside the others, in a folder of its own. */
const requireNative = createRequire(new URL("../native/package.json", import.meta.url));

/** The native runtime on the CPU with all graph optimisations. */
export function load(folder, { threads }) {
  return openSession(requireNative("onnxruntime-node"), folder, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
}
