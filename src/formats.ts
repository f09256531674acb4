import type { Report } from "./diagnostics/report.js";
import type { ImportContext, Imported } from "./import/imported.js";
import { readOnnx } from "./import/onnx/read-onnx.js";

/** Reads a model of another format from its bytes; undefined when the report has errors. */
export type ModelReader = (
  bytes: Uint8Array,
  context: ImportContext,
  report: Report,
) => Imported | undefined;

/** A format by the ending of its files; without a reader it is only known by name. */
export interface Format {
  readonly ending: RegExp;
  readonly name: string;
  readonly read?: ModelReader;
}

const formats: readonly Format[] = [
  { ending: /\.onnx$/i, name: "ONNX", read: readOnnx },
  { ending: /\.cfg$/i, name: "Darknet" },
  { ending: /\.json$/i, name: "TF.js" },
];

/** The format of a file that is no `.cnn` text, by its name. */
export const formatOf = (path: string): Format | undefined =>
  formats.find(({ ending }) => ending.test(path));

/** Reports files that are no models. */
export function checkFormat(path: string, report: Report): void {
  if (/\.cnn$/i.test(path)) return;
  const format = formatOf(path);
  if (!format) report.add("format-unknown", { file: path });
  else if (!format.read) {
    report.add("format-not-available", { file: path, format: format.name });
  }
}

/** Reports files that are no `.cnn` text, for what works on text. */
export function checkText(path: string, report: Report): void {
  checkFormat(path, report);
  const format = formatOf(path);
  if (format?.read) report.add("format-is-no-text", { file: path, format: format.name });
}
