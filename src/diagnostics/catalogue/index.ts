import { darknet } from "./darknet.js";
import { importers } from "./importers.js";
import { limits } from "./limits.js";
import { names } from "./names.js";
import { onnx } from "./onnx.js";
import { options } from "./options.js";
import { passes } from "./passes.js";
import { rewrites } from "./rewrites.js";
import { runtime } from "./runtime.js";
import { syntax } from "./syntax.js";
import { tfjs } from "./tfjs.js";
import { types } from "./types.js";
import { weights } from "./weights.js";

/** Every message of the compiler, by name. Codes: 1xx syntax, 2xx names, 3xx types and shapes,
 * 4xx weights, 5xx importers, 6xx passes and grants, 7xx run time and images, 8xx limits. */
export const catalogue = {
  ...syntax,
  ...names,
  ...types,
  ...weights,
  ...importers,
  ...onnx,
  ...darknet,
  ...tfjs,
  ...options,
  ...passes,
  ...rewrites,
  ...runtime,
  ...limits,
};

export type Catalogue = typeof catalogue;
export type MessageName = keyof Catalogue;
