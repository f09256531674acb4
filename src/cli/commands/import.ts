import { convertFile } from "../../convert-model.js";
import { outputCnn, weightsBeside, writeCnnFiles } from "../cnn-file.js";
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
    const file = outputCnn({ flags }, "import");
    const path = positionals[0]?.text ?? "";
    if (/\.cnn$/i.test(path)) throw new UsageError(`${path} is a .cnn file already`);
    printer.status(`reading ${path}`);
    const made = convertFile(path, weightsBeside(file), readOptions(flags));
    printer.diagnostics(made.diagnostics);
    for (const written of await writeCnnFiles(file, made)) {
      printer.line(`${written.path}  ${printBytes(written.bytes)}`);
    }
    const { batch } = made;
    if (batch !== 1) printer.note(`the model computes ${batch} images at once: --batch ${batch}`);
    return exit.fine;
  },
};
