import { renderDiagnostics } from "../../../src/diagnostics/render.js";
import { CompileError, Report } from "../../../src/diagnostics/report.js";
import { readDarknet } from "../../../src/import/darknet/read-darknet.js";
import type { ImportContext, Imported } from "../../../src/import/imported.js";
import { evaluate } from "../../../src/ir/evaluate.js";
import type { Graph } from "../../../src/ir/graph.js";
import type { Dense } from "../../../src/ir/ops/operator.js";
import { bindParameters } from "../../../src/passes/bind-parameters.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A weights file of version 0.2: header and numbers. */
export function weightsFile(
  numbers: Iterable<number>,
  [major, minor]: readonly [number, number] = [0, 2],
  headerBytes = 20,
): Uint8Array {
  const values = Float32Array.from(numbers);
  const bytes = new Uint8Array(headerBytes + values.byteLength);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, major, true);
  view.setInt32(4, minor, true);
  bytes.set(new Uint8Array(values.buffer), headerBytes);
  return bytes;
}

export interface Surroundings extends Partial<Pick<ImportContext, "batch" | "decode">> {
  readonly weights?: Uint8Array;
}

/** Reads a network `net.cfg`; warnings are kept in the report. */
export function read(
  cfg: string | Uint8Array,
  { weights, batch, decode }: Surroundings = {},
  report = new Report(),
): Imported {
  const context = {
    path: "net.cfg",
    read: (path: string) => (path === "net.weights" ? weights : undefined),
    shapes: {},
    constants: {},
    batch,
    decode,
  };
  return readDarknet(typeof cfg === "string" ? bytesOf(cfg) : cfg, context, report);
}

/** The network with the tensors of its file, or seeded ones where it has none. */
export function bound(cfg: string, surroundings: Surroundings = {}): Graph {
  const report = new Report();
  const { graph, tensors } = read(cfg, surroundings, report);
  const source = surroundings.weights
    ? ({ kind: "store", store: tensors, name: "net.weights" } as const)
    : ({ kind: "initialise", with: "he", seed: 7 } as const);
  const result = bindParameters(graph, source, report);
  report.throwIfErrors();
  return result;
}

/** What the network makes of an input, by output. */
export const run = (
  cfg: string,
  input: Float32Array,
  surroundings: Surroundings = {},
): ReadonlyMap<string, Dense> => evaluate(bound(cfg, surroundings), new Map([["input", input]]));

/** What is said of a network that cannot be read, warnings included. */
export function said(cfg: string | Uint8Array, surroundings: Surroundings = {}): string {
  const report = new Report();
  try {
    read(cfg, surroundings, report);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return error.message;
  }
  return renderDiagnostics(report.diagnostics);
}
