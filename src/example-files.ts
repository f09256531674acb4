import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pictureOf } from "./codegen/package/facts.js";
import type { Report } from "./diagnostics/report.js";
import { type FileReader, reasonOf } from "./files.js";
import { decodePicture } from "./image/picture.js";
import type { Grant, GraphInput } from "./ir/graph.js";
import { sameShape, sizeOf } from "./ir/types.js";
import { pictureWriter } from "./runtime/picture.js";
import { readNpy } from "./weights/npy.js";
import { printShape } from "./weights/store.js";

/** The most bytes of one file of examples. */
const maxBytes = 2 ** 30;

/** An example for the whole batch: one that is for a single image stands for all of them. */
export function wholeBatch(
  { name, value }: GraphInput,
  data: Float32Array,
  from: string,
  report: Report,
): Float32Array {
  const { shape } = value.type;
  const [all, images] = [sizeOf(shape), shape[0] ?? 1];
  if (data.some((x) => !Number.isFinite(x))) {
    const problem = `input ${JSON.stringify(name)} holds what is no finite number`;
    report.add("calibration-unfit", { from, problem });
  }
  if (data.length === all) return data;
  if (data.length * images === all) {
    const whole = new Float32Array(all);
    for (let image = 0; image < images; image++) whole.set(data, image * data.length);
    return whole;
  }
  const wants = `of ${printShape(shape)}, ${all} numbers`;
  const problem = `input ${JSON.stringify(name)} is ${wants}, and ${data.length} are given`;
  report.add("calibration-unfit", { from, problem });
  return data;
}

/** Reads the examples of an input: the files of `FOLDER/INPUT`, or of `FOLDER` where there is one input. */
export class ExampleReader {
  constructor(
    private readonly files: FileReader,
    private readonly report: Report,
    private readonly place: { readonly span?: Grant["span"] },
  ) {}

  async read(folder: string, input: GraphInput, isOnly: boolean): Promise<Float32Array[]> {
    const own = join(folder, input.name);
    const isOwn = dirname(own) === folder && isFolder(own);
    const from = !isOwn && isOnly ? folder : own;
    const examples: Float32Array[] = [];
    const names = this.#list(from).filter((name) => /\.(npy|png|jpe?g)$/i.test(name));
    for (const name of names) {
      const path = join(from, name);
      const bytes = this.report.around(this.place.span, () => this.files.read(path, maxBytes));
      if (!bytes) continue;
      const isTensor = /\.npy$/i.test(name);
      const read = isTensor
        ? this.#tensors(input, path, bytes)
        : await this.#picture(input, path, bytes);
      examples.push(...read.map((data) => wholeBatch(input, data, path, this.report)));
    }
    if (examples.length === 0 && !this.report.hasErrors) {
      this.report.add("calibration-empty", { from }, this.place);
    }
    return examples;
  }

  #list(folder: string): string[] {
    try {
      return readdirSync(folder).sort();
    } catch (error) {
      const details = { file: folder, problem: reasonOf(error) };
      this.report.add("file-unreadable", details, this.place);
      return [];
    }
  }

  /** One example, or one for each place along a first axis more. */
  #tensors({ name, value }: GraphInput, file: string, bytes: Uint8Array): Float32Array[] {
    const tensor = readNpy(bytes, { file, report: this.report });
    if (!tensor) return [];
    const { element, shape } = value.type;
    const wanted = element === "u8" ? "uint8" : "float32";
    const one = shape.slice(1);
    const has = printShape(tensor.shape);
    const isOne = sameShape(tensor.shape, shape) || sameShape(tensor.shape, one);
    const isMany = sameShape(tensor.shape.slice(1), one);
    if (!isOne && !isMany) {
      const shapes = `${printShape(one)} or ${printShape(shape)}`;
      this.report.add("input-shape", { file, name, wanted: shapes, has }, this.place);
      return [];
    }
    if (tensor.dtype !== wanted) {
      this.report.add("input-dtype", { file, name, wanted, has: tensor.dtype }, this.place);
      return [];
    }
    const data = Float32Array.from(tensor.data, Number);
    if (isOne) return [data];
    const size = sizeOf(one);
    return Array.from({ length: tensor.shape[0] ?? 0 }, (_, at) => {
      return data.slice(at * size, (at + 1) * size);
    });
  }

  async #picture(input: GraphInput, file: string, bytes: Uint8Array): Promise<Float32Array[]> {
    const settings = pictureOf(input);
    const [, ...one] = input.value.type.shape;
    const { name } = input;
    if (!settings) {
      this.report.add("input-not-a-picture", { file, name, shape: printShape(one) }, this.place);
      return [];
    }
    const picture = await decodePicture(file, bytes, this.report);
    if (!picture) return [];
    const isBytes = input.value.type.element === "u8";
    const view = isBytes ? new Uint8Array(sizeOf(one)) : new Float32Array(sizeOf(one));
    const dtype = isBytes ? "uint8" : "float32";
    const described = { name, shape: [1, ...one], dtype, layout: "nchw", address: 0 } as const;
    pictureWriter(described, settings, view)(picture, 0);
    return [Float32Array.from(view)];
  }
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
