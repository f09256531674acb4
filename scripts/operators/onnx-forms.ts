import { type Computed, computed, type Item, knownNumbers } from "../../src/import/onnx/item.js";
import { NodeReader } from "../../src/import/onnx/node-reader.js";
import { onnxOperators, readerOf } from "../../src/import/onnx/ops/index.js";
import { Parameters } from "../../src/import/onnx/parameters.js";
import { Refusal } from "../../src/import/onnx/refusal.js";
import { build } from "../../src/ir/build.js";
import { ShapeError } from "../../src/ir/ops/operator.js";
import { f32, sizeOf, u8 } from "../../src/ir/types.js";
import type { AttributeMessage } from "../../src/onnx/messages.js";
import { attributeTypes } from "../../src/onnx/proto.js";
import { joined, type Made, madeOf } from "./made.js";

/** A tensor that the network computes. */
const image = (...shape: readonly number[]): Item =>
  computed(build("input", {}, { name: "x", type: f32(...shape) }), "float32");

const weights = (...shape: readonly number[]): Item =>
  knownNumbers(
    "float32",
    shape,
    Array.from({ length: sizeOf(shape) }, (_, at) => 1 + at / 8),
  );

const wholes = (...numbers: readonly number[]): Item =>
  knownNumbers("int64", [numbers.length], numbers);

/** Operands of which every operator takes some. */
function operandForms(): readonly (readonly (Item | undefined)[])[] {
  const [x, row] = [image(1, 8, 6, 6), image(1, 8)];
  const channels = weights(8);
  const scales = weights(1);
  const bytes = computed(build("input", {}, { name: "b", type: u8(1, 3) }), "uint8");
  return [
    [x],
    [bytes],
    [x, x],
    [x, x, x],
    [x, weights(8, 8, 3, 3)],
    [x, channels, channels, channels, channels],
    [x, channels, channels],
    [x, weights(6), weights(6)],
    [row, weights(8, 4)],
    [x, weights()],
    [x, weights(), weights()],
    [x, scales],
    [x, knownNumbers("float32", [4], [1, 1, 2, 2])],
    [x, undefined, knownNumbers("float32", [4], [1, 1, 2, 2])],
    [x, wholes(0)],
    [x, wholes(0, -1)],
    [x, wholes(1, 1, 1, 2)],
    [x, wholes(2, 8, 6, 6)],
    [x, wholes(0, 0, 1, 1, 0, 0, 1, 1)],
    [x, wholes(0, 0), wholes(1, 2)],
    [image(1, 8, 6, 1)],
    [],
    [wholes(2, 3)],
    [
      knownNumbers("int64", [], [0]),
      knownNumbers("int64", [], [4]),
      knownNumbers("int64", [], [1]),
    ],
  ];
}

const attribute = (name: string, ints: readonly number[], int?: number): AttributeMessage => ({
  name,
  type: int === undefined ? attributeTypes.ints : attributeTypes.int,
  float: undefined,
  int,
  bytes: undefined,
  tensor: undefined,
  floats: [],
  ints: [...ints],
  reference: "",
});

const cubic: AttributeMessage = {
  ...attribute("mode", []),
  type: attributeTypes.string,
  bytes: new TextEncoder().encode("cubic"),
};

/** Attributes without which some operator is refused. */
const attributeForms: readonly (readonly AttributeMessage[])[] = [
  [],
  [attribute("kernel_shape", [2, 2])],
  [attribute("num_groups", [], 2)],
  [attribute("blocksize", [], 2)],
  [attribute("to", [], 1)],
  [attribute("to", [], 6)],
  [cubic],
  [attribute("size", [], 3)],
  [attribute("axis", [], 1)],
  [attribute("value_int", [], 1)],
];

type Form = readonly [readonly (Item | undefined)[], readonly AttributeMessage[]];

/** What a node of an operator gives; undefined where it is refused. */
function itemsOf(opType: string, [items, attributes]: Form): readonly Item[] | undefined {
  const outputs = opType === "Split" ? ["y", "z"] : ["y"];
  const inputs = items.map((item, at) => (item ? `x${at}` : ""));
  const message = { name: "", opType, domain: "", inputs, outputs, attributes: [...attributes] };
  const readTensor = () => knownNumbers("float32", [], [0]);
  const parameters = new Parameters();
  const node = new NodeReader(message, { opset: 17, label: "n", items, parameters, readTensor });
  try {
    const read = readerOf(opType)!(node);
    node.checkAttributes();
    return "kind" in read ? [read] : read;
  } catch (error) {
    if (error instanceof Refusal || error instanceof ShapeError) return undefined;
    throw error;
  }
}

const isComputed = (item: Item): item is Computed => item.kind === "computed";

/** What an operator of ONNX becomes; `known` where its results are known when a model is read. */
export type OnnxForm = Made | "known";

/** The nodes that all forms of an operator make, found by reading them. */
function formOf(opType: string, forms: readonly Form[]): OnnxForm {
  const read = forms.flatMap((form) => {
    const items = itemsOf(opType, form);
    return items ? [items.filter(isComputed).map(({ value }) => value)] : [];
  });
  const made = read.filter((values) => values.length > 0).map(madeOf);
  if (made.length > 0) return joined(made);
  if (read.length > 0) return "known";
  throw new Error(`no form of operands and attributes here is one of ${opType}`);
}

/** Every operator of the ONNX reader. Throws where none of the forms here is one of an operator. */
export function onnxForms(): ReadonlyMap<string, OnnxForm> {
  const forms = operandForms().flatMap((items) =>
    attributeForms.map((attributes): Form => [items, attributes]),
  );
  return new Map(onnxOperators.map((opType) => [opType, formOf(opType, forms)]));
}
