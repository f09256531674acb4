import type { Report } from "../../diagnostics/report.js";
import { decodeModel } from "../../onnx/decode.js";
import type { ModelMessage } from "../../onnx/messages.js";
import type { ImportContext, Imported } from "../imported.js";
import { GraphReader } from "./graph-reader.js";

/**
 * Reads an `.onnx` model. What depends on constants alone is computed on the way; parameters are named by
 * the nodes that read them. The bytes are the reader's from now on: large tensors move within them.
 * Undefined when the report has errors: what is broken, or all that cannot be read.
 */
export function readOnnx(
  bytes: Uint8Array,
  context: ImportContext,
  report: Report,
): Imported | undefined {
  const model = decode(bytes, context, report);
  if (!model) return undefined;
  const { graph } = model;
  if (!graph || (graph.nodes.length === 0 && graph.outputs.length === 0)) {
    report.add("onnx-malformed", { file: context.path, problem: "it holds no graph" });
    return undefined;
  }
  return new GraphReader(model, graph, context, report).read();
}

function decode(
  bytes: Uint8Array,
  { path }: ImportContext,
  report: Report,
): ModelMessage | undefined {
  try {
    return decodeModel(bytes);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    report.add("onnx-malformed", { file: path, problem });
    return undefined;
  }
}
