import { basename, dirname } from "node:path";
import { convertFile } from "../../convert-model.js";
import { writeAll } from "../../files.js";
import type { Command } from "../command.js";
import { exit, UsageError } from "../io.js";
import { printBytes } from "../numbers.js";
import { readOptions } from "../read-options.js";

/** Turns a model of another format into a `.cnn` file and its weights. */
export const importModel: Command = {
  name: "import",
  usage: "model.onnx|net.cfg|model.json -o model.cnn",
  summary: "turn a model of another format into .cnn and .safetensors",
  least: 1,
  most: 1,
  flags: ["out", "batch", "shape", "constant"],
  async run({ flags, positionals, printer }) {
    const file = flags.text("out");
    if (file === undefined) throw new UsageError("import needs a file to write", "add -o FILE.cnn");
    if (!/\.cnn$/i.test(file)) throw new UsageError(`${file}: the file to write ends in .cnn`);
    const path = positionals[0]?.text ?? "";
    if (/\.cnn$/i.test(path)) throw new UsageError(`${path} is a .cnn file already`);
    printer.status(`reading ${path}`);
    const weightsFile = basename(file).replace(/\.cnn$/i, ".safetensors");
    const { source, weights, batch, diagnostics } = convertFile(
      path,
      weightsFile,
      readOptions(flags),
    );
    printer.diagnostics(diagnostics);
    const text = new TextEncoder().encode(source);
    const files = new Map([
      [basename(file), text],
      [weightsFile, weights],
    ]);
    const paths = await writeAll(dirname(file), files);
    const sizes = [text, weights].map(({ length }) => printBytes(length));
    for (const [i, written] of paths.entries()) printer.line(`${written}  ${sizes[i]}`);
    if (batch !== 1) printer.note(`the model computes ${batch} images at once: --batch ${batch}`);
    return exit.fine;
  },
};
