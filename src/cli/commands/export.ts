import { basename, dirname } from "node:path";
import type { CompileOptions } from "../../compile-options.js";
import { Report } from "../../diagnostics/report.js";
import { writeOnnx } from "../../export/onnx/write-onnx.js";
import { writePytorch } from "../../export/pytorch/write-pytorch.js";
import { writeAll } from "../../files.js";
import { checkFormat } from "../../formats.js";
import { bindModel, elaborateSource, type ReadModel, type Source } from "../../pipeline.js";
import type { Command } from "../command.js";
import { modelFlags } from "../flags.js";
import { exit, UsageError } from "../io.js";
import { printBytes } from "../numbers.js";
import { readOptions } from "../read-options.js";

type Written = (
  source: Source,
  elaborated: ReadModel,
  options: CompileOptions,
  report: Report,
) => Uint8Array;

const onnxOf: Written = (...model) => writeOnnx(bindModel(...model));

/** Weights are not looked at: the module loads them. */
const pytorchOf: Written = (_source, { graph }, _options, report) => {
  const text = writePytorch(graph, report);
  report.throwIfErrors();
  return new TextEncoder().encode(text);
};

/** Writes a model, as it is written, in another format: ONNX with its weights, PyTorch without. */
export const exportModel: Command = {
  name: "export",
  usage: "MODEL --to onnx|pytorch -o FILE",
  summary: "write a model in another format",
  least: 1,
  most: 1,
  flags: ["to", "out", ...modelFlags],
  async run({ flags, positionals, printer }) {
    const format = flags.choice("to", ["onnx", "pytorch"]);
    const file = flags.text("out");
    if (format === undefined) throw new UsageError("export needs a format", "add --to onnx");
    if (file === undefined) throw new UsageError("export needs a file to write", "add -o FILE");
    const options = readOptions(flags);
    const report = new Report();
    const path = positionals[0]?.text ?? "";
    checkFormat(path, report);
    report.throwIfErrors();
    printer.status(`reading ${path}`);
    const source = { kind: "file", path } as const;
    const { labels: _, ...elaborated } = elaborateSource(source, options, report);
    const write = format === "onnx" ? onnxOf : pytorchOf;
    const bytes = write(source, elaborated, options, report);
    printer.diagnostics(report.diagnostics);
    printer.status(`writing ${file}`);
    await writeAll(dirname(file), new Map([[basename(file), bytes]]));
    printer.line(`${file}  ${printBytes(bytes.length)}`);
    return exit.fine;
  },
};
