import { writeNpy } from "../../src/weights/npy.js";
import { writeSafetensors } from "../../src/weights/safetensors.js";
import type { Tensor } from "../../src/weights/store.js";
import { onnxFiles } from "./onnx-files.js";

type Files = Readonly<Record<string, Uint8Array>>;

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

const input = (source: string): Files => ({ "input.cnn": text(source) });

const join = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => [...part]));

/** A safetensors file with any header, true or not. */
function weightsOf(header: object | string, dataBytes: number): Files {
  const json = text(typeof header === "string" ? header : JSON.stringify(header));
  return { "m.safetensors": join(size64(json.length), json, new Uint8Array(dataBytes)) };
}

function size64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

const entry = (shape: readonly number[], begin: number, end: number, dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

/** What the network of the samples about weights has: `fc: linear(2)` on three numbers. */
const fc = { "fc.weight": entry([2, 3], 0, 24), "fc.bias": entry([2], 24, 32) };

const zeros = (...shape: number[]): Tensor => {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  return { dtype: "float32", shape, data };
};

const saved = (tensors: Readonly<Record<string, Tensor>>): Files => ({
  "m.safetensors": writeSafetensors(tensors),
});

const x = (tensor: Tensor): Files => ({ "x.npy": writeNpy(tensor) });

/** A `.npy` file with any header, true or not. */
function npyOf(header: string, dataBytes: number): Files {
  const line = text(`${header}\n`);
  const start = new Uint8Array([0x93, ...text("NUMPY"), 1, 0, line.length, 0]);
  return { "x.npy": join(start, line, new Uint8Array(dataBytes)) };
}

/** The beginning of a PNG of the size, with no pixels behind it. */
function pngHead(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, ...text("PNG\r\n"), 0x1a, 0x0a, 0, 0, 0, 13, ...text("IHDR")]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes.set([8, 2], 24);
  return bytes;
}

/** A JPEG whose frame header promises 9 x 9 pixels, and then ends. */
const jpegHead = new Uint8Array([
  ...[0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0, 9, 0, 9, 3],
  ...[1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xd9],
]);

/**
 * Files of samples that are too large, too strange or not text, by sample. They join those of the
 * sample's folder.
 */
export const generated: Readonly<Record<string, () => Files>> = {
  ...onnxFiles,
  "source-too-large": () => ({ "input.cnn": new Uint8Array(100 * 1024 * 1024).fill(0x20) }),
  "source-too-large.two-byte-characters": () => input(`//${"é".repeat(3 * 1024 * 1024)}`),
  "too-many-tokens": () => input(`const a = ${"-".repeat(1_000_000)}1`),
  "too-many-open-brackets.ten-thousand": () =>
    input(`model M { input x: f32[1] ${"{".repeat(10_000)}relu${"}".repeat(10_000)} output y }`),
  "operators-too-deep": () => input(`const a = 1${" + 1".repeat(1000)}\n`),
  "too-many-open-brackets.calls": () =>
    input(`const a = ${"abs(".repeat(10_000)}1${")".repeat(10_000)}\n`),
  "invalid-utf8": () => ({
    "input.cnn": new Uint8Array([...text("// caf"), 0xe9, ...text("\nmodel M { }\n")]),
  }),
  "invalid-utf8.truncated": () => ({ "input.cnn": new Uint8Array([...text("// "), 0xe2, 0x82]) }),
  "invalid-utf8.surrogate": () => ({
    "input.cnn": new Uint8Array([...text("// "), 0xed, 0xa0, 0x80]),
  }),
  "unexpected-character.controls": () => input("model M {\n  \u0000\u0007 relu\u001b[31m\n}\n"),
  "control-character-in-string": () => input('model M {\n  weights "a\u001b[31m\tb"\n}\n'),

  "weights-truncated": () => ({ "m.safetensors": join(size64(4000), text('{"fc.weight":')) }),
  "weights-truncated.short": () => ({ "m.safetensors": new Uint8Array(5) }),
  "weights-header-too-large": () => ({
    "m.safetensors": new Uint8Array(64).fill(0xff),
  }),
  "weights-header-malformed": () => weightsOf('{"fc.weight": {"dtype": F32}}', 32),
  "weights-header-malformed.pickle": () => ({
    "m.safetensors": join(size64(2), new Uint8Array([0x80, 0x02, 0x7d])),
  }),
  "weights-duplicate-name": () =>
    weightsOf(
      `{"fc.weight":${JSON.stringify(fc["fc.weight"])},"fc.weight":${JSON.stringify(fc["fc.bias"])}}`,
      32,
    ),
  "weights-entry-malformed": () =>
    weightsOf(
      {
        "fc.weight": { dtype: "F32", shape: [2, -3], data_offsets: [0, 24] },
        "fc.bias": { dtype: "F32", shape: [2], data_offsets: [24] },
        ["__proto__"]: null,
        constructor: 7,
      },
      32,
    ),
  "weights-dtype-unknown": () => weightsOf({ ...fc, "fc.bias": entry([2], 24, 32, "F8_E4M3") }, 32),
  "weights-offsets-outside": () => weightsOf({ ...fc, "fc.bias": entry([2], 24, 1e15) }, 32),
  "weights-size-mismatch": () => weightsOf({ ...fc, "fc.bias": entry([2e6, 2e6], 24, 32) }, 32),
  "weights-overlap": () => weightsOf({ ...fc, "fc.bias": entry([2], 16, 24) }, 24),
  "weights-gap": () => weightsOf({ ...fc, "fc.bias": entry([2], 40, 48) }, 64),
  "weights-missing": () => saved({ "fc.weights": zeros(2, 3) }),
  "weights-unused": () =>
    saved({
      "fc.weight": zeros(2, 3),
      "fc.bias": zeros(2),
      "fc.num_batches_tracked": zeros(1),
      "head.*/ ${x}": zeros(4),
      constructor: zeros(1),
      ["__proto__"]: zeros(1),
    }),
  "weights-misshapen": () => saved({ "fc.weight": zeros(3, 2), "fc.bias": zeros(1, 2) }),
  "weight-beyond-half": () =>
    saved({
      "fc.weight": { dtype: "float32", shape: [2, 3], data: Float32Array.of(1, 2, -7e4, 3, 4, 5) },
      "fc.bias": { dtype: "float32", shape: [2], data: Float32Array.of(65519, 65520) },
    }),
  "labels-not-text": () => ({ "names.txt": new Uint8Array([...text("caf"), 0xe9, 0x0a]) }),
  "file-too-large": () => ({ "names.txt": new Uint8Array(4_000_001).fill(0x0a) }),
  "file-unreadable": () => ({ "weights/m.safetensors": new Uint8Array(0) }),

  "npy-malformed": () => ({ "x.npy": text("1.0, 2.0, 3.0\n") }),
  "npy-malformed.header": () => npyOf("{'descr': '<f4', 'shape': (3,), }", 12),
  "npy-dtype-unknown": () => npyOf("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", 24),
  "npy-size-mismatch": () =>
    npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 3), }", 12),
  "constant-unfit": () => x(zeros(4)),
  "input-dtype": () => x({ dtype: "float64", shape: [3], data: new Float64Array(3) }),
  "input-shape": () => x(zeros(4)),
  "input-given-twice": () => x(zeros(3)),
  "inputs-too-many": () => x(zeros(3)),
  "input-not-a-picture": () => ({ "x.png": pngHead(9, 9) }),
  "input-batch-of-pictures": () => ({ "x.png": pngHead(9, 9) }),
  "picture-format-unknown": () => ({ "x.gif": text("GIF89a") }),
  "picture-damaged": () => ({ "x.png": pngHead(9, 9) }),
  "picture-damaged.no-size": () => ({ "x.png": pngHead(0, 9) }),
  "picture-damaged.jpeg": () => ({ "x.jpg": jpegHead }),
  "picture-too-large": () => ({ "x.png": pngHead(4_000_000_000, 4_000_000_000) }),
  "tfjs-weights-size": () => ({ "w.bin": new Uint8Array(35) }),
  "file-not-found.shard": () => ({ "there.bin": new Uint8Array(4) }),
  "tfjs-too-large": () => {
    const layer = '{"class_name":"ReLU","config":{"batch_input_shape":[1,2]}}';
    const layers = Array.from({ length: 100_001 }, () => layer).join();
    const topology = `{"class_name":"Sequential","config":{"layers":[${layers}]}}`;
    return { "model.json": text(`{"modelTopology":${topology}}`) };
  },
  "cfg-too-many-layers": () => ({ "input.cfg": text(`[net]\n${"[cost]\n".repeat(4001)}`) }),
  "darknet-weights-size": () => ({ "input.weights": new Uint8Array(27) }),
  "darknet-weights-size.long": () => ({ "input.weights": new Uint8Array(33) }),
  "calibration-empty": () => ({ "examples/note.txt": text("pictures go here") }),
  "calibration-unfit": () => ({ "examples/a.npy": examples(2, Number.NaN) }),
  "calibration-too-few": () => ({ "examples/a.npy": examples(1) }),
  "input-shape.examples": () => ({ "examples/x/a.npy": writeNpy(zeros(1, 3, 8, 16)) }),
  "grant-undone": () => ({ "examples/a.npy": examples(2) }),
};

/** Examples for an input of 3 × 16 × 16, one a row of the first axis; one number of the last may be another. */
function examples(count: number, last = 0.5): Uint8Array {
  const tensor = zeros(count, 3, 16, 16);
  const data = Float32Array.from({ length: count * 768 }, (_, at) => Math.sin(0.7 * at + at ** 2));
  data[data.length - 1] = last;
  return writeNpy({ ...tensor, data });
}
