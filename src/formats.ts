import type { Report } from "./diagnostics/report.js";
import { readDarknet } from "./import/darknet/read-darknet.js";
import type { ImportContext, Imported } from "./import/imported.js";
import { readOnnx } from "./import/onnx/read-onnx.js";
import { readTfjs } from "./import/tfjs/read-tfjs.js";

/** Reads a model of another format from its bytes; undefined when the report has errors. */
export type ModelReader = (
  bytes: Uint8Array,
  context: ImportContext,
  report: Report,
) => Imported | undefined;

/** A format by the ending of its files. */
export interface Format {
  readonly ending: RegExp;
  readonly name: string;
  readonly read: ModelReader;
  /** Its reader gives inputs the shapes and constants that options tell. */
  readonly fixesInputs?: boolean;
  /** Its models may have detection heads, which can be decoded. */
  readonly hasHeads?: boolean;
  /** The ending of files of weights in its own form. */
  readonly weights?: RegExp;
}

const formats: readonly Format[] = [
  { ending: /\.onnx$/i, name: "ONNX", read: readOnnx, fixesInputs: true },
  {
    ending: /\.cfg$/i,
    name: "Darknet",
    read: readDarknet,
    hasHeads: true,
    weights: /\.weights$/i,
  },
  { ending: /\.json$/i, name: "TF.js", read: readTfjs },
];

/** The format of a file that is no `.cnn` text, by its name. */
export const formatOf = (path: string): Format | undefined =>
  formats.find(({ ending }) => ending.test(path));

/** Reports files that are no models. */
export function checkFormat(path: string, report: Report): void {
  if (/\.cnn$/i.test(path)) return;
  if (!formatOf(path)) report.add("format-unknown", { file: path });
}

/** Reports files that are no `.cnn` text, for what works on text. */
export function checkText(path: string, report: Report): void {
  checkFormat(path, report);
  const format = formatOf(path);
  if (format) report.add("format-is-no-text", { file: path, format: format.name });
}
