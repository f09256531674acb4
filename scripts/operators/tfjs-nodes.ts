import { Report } from "../../src/diagnostics/report.js";
import { Feature } from "../../src/import/tfjs/feature.js";
import { GraphNode } from "../../src/import/tfjs/graph/graph-node.js";
import { type Item, Known } from "../../src/import/tfjs/graph/item.js";
import { nodeReaders } from "../../src/import/tfjs/graph/read-graph.js";
import { Json, JsonError } from "../../src/import/tfjs/json.js";
import { Reading, Refusal } from "../../src/import/tfjs/reading.js";
import { build } from "../../src/ir/build.js";
import { ShapeError } from "../../src/ir/ops/operator.js";
import { f32, sizeOf } from "../../src/ir/types.js";
import { joined, type Made, madeOf } from "./made.js";

const tensor = (...shape: readonly number[]): Feature =>
  Feature.last(build("input", {}, { name: "x", type: f32(...shape) }));

const weights = (...shape: readonly number[]): Known =>
  Known.numbers(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, at) => 1 + at / 8),
    true,
  );

const wholes = (...numbers: readonly number[]): Known => Known.numbers([numbers.length], numbers);
const whole = (number: number): Known => Known.numbers([], [number]);

/** Operands of which every operator takes some; those with images stand in front. */
function operandForms(): readonly (readonly Item[])[] {
  const [x, first] = [tensor(1, 6, 6, 8), Feature.first(tensor(1, 8, 6, 6).last)];
  const channels = weights(8);
  return [
    [first],
    [first, first],
    [first, weights(3, 3, 8, 8), channels],
    [first, weights(3, 3, 8, 1), channels],
    [first, channels, channels, channels, channels],
    [first, channels],
    [wholes(1, 6, 6, 8), weights(3, 3, 8, 8), first],
    [tensor(1, 8), weights(8, 4), weights(4)],
    [first, weights(), weights()],
    [x, wholes(1, 288)],
    [x, wholes(0, 3, 1, 2)],
    [x, wholes(4, 4)],
    [x, wholes(1, 2)],
    [x, whole(1)],
    [x, x, whole(3)],
    [whole(3), x, x],
    [whole(3), x],
    [x, wholes(4, 4), whole(3)],
    [x, wholes(0, 0, 0, 0), wholes(1, 2, 6, 8)],
    [x, wholes(0, 0, 0, 0), wholes(1, 2, 6, 8), wholes(1, 1, 1, 1)],
    [x, Known.numbers([4, 2], [0, 0, 1, 1, 1, 1, 0, 0])],
    [x, Known.numbers([4, 2], [0, 0, 1, 1, 1, 1, 0, 0]), whole(0)],
    [wholes(2, 3), wholes(4, 5)],
    [wholes(2, 3), whole(0)],
    [wholes(2, 3), whole(0), whole(0)],
  ];
}

const listed = (...i: readonly number[]) => ({ list: { i } });

/** Attributes of which every operator takes some. */
const attributes: readonly object[] = [
  {},
  { strides: listed(1, 1, 1, 1), ksize: listed(1, 2, 2, 1), padding: { s: "U0FNRQ==" } },
  { block_size: { i: 2 }, num_split: { i: 2 }, mode: { s: "UkVGTEVDVA==" } },
];

function formOf(op: string, items: readonly Item[], attr: object): readonly Item[] | undefined {
  const reading = new Reading("model.json", new Report());
  const node = new GraphNode(reading, new Json({ attr }, "node"), op, "n", items);
  try {
    const made = nodeReaders.get(op)!(node);
    return made instanceof Feature || made instanceof Known ? [made] : made;
  } catch (error) {
    if (error instanceof Refusal || error instanceof ShapeError || error instanceof JsonError) {
      return undefined;
    }
    throw error;
  }
}

/** A tensor in the order of axes that it is there with. */
const asRead = (feature: Feature) => (feature.isFirst ? feature.first : feature.last);

/** What an operator becomes; `known` where its results are known when a model is read. */
function madeOfNode(op: string): Made | "known" {
  const forms = operandForms().flatMap((items) =>
    attributes.flatMap((attr) => {
      const made = formOf(op, items, attr);
      return made ? [made.flatMap((item) => (item instanceof Feature ? [asRead(item)] : []))] : [];
    }),
  );
  const computed = forms.filter((values) => values.length > 0);
  if (computed.length > 0) return joined(computed.map(madeOf));
  if (forms.length > 0) return "known";
  throw new Error(`no form of operands and attributes here is one of ${op}`);
}

/** What every operator of TF.js graphs becomes, found by reading it. */
export const tfjsNodes = (): ReadonlyMap<string, Made | "known"> =>
  new Map([...nodeReaders.keys()].map((op) => [op, madeOfNode(op)]));
