import { maxSourceBytes } from "../../src/dsl/limits.js";
import { layerKinds } from "../../src/import/darknet/layers/index.js";
import { maxLayers } from "../../src/import/darknet/read-darknet.js";
import { largestResult } from "../../src/import/onnx/apply.js";
import { maxFolded } from "../../src/import/tfjs/graph/graph-node.js";
import { maxDepth } from "../../src/import/tfjs/layers/read-layers.js";
import { maxModelBytes } from "../../src/import/tfjs/read-tfjs.js";
import { maxParts } from "../../src/import/tfjs/reading.js";
import { maxElements, maxRank } from "../../src/ir/ops/check.js";
import { maxNodes } from "../../src/onnx/decode.js";

const count = (n: number): string => n.toLocaleString("en");
const power = (n: number): string => `2^${Math.log2(n)}`;
const megabytes = (bytes: number): string => `${bytes / 2 ** 20} MB`;

const tensors = `A tensor has at most ${maxRank} axes and ${power(maxElements)} elements.`;

/** Options of Darknet's layers that are refused, each with its layers and its reason. */
function refusedOptions(): string {
  const kinds = new Map([...layerKinds].reverse().map(([section, kind]) => [kind, section]));
  const rows = [...kinds]
    .reverse()
    .flatMap(([{ refused = {} }, section]) =>
      Object.entries(refused).map(([option, why]) => `\`${option}\` of \`${section}\` (${why})`),
    );
  return rows.join(", ");
}

/** What each reader refuses, in the words of a user. */
export const limits = {
  onnx: `**Limits.** At most ${count(maxNodes)} nodes. ${tensors} Convolutions and pools have one or two image axes;
those of three are refused. What fixes a shape (axes, sizes, pads, repeats, the starts and ends of a slice, the indices of
Gather) must be known when the model is read, and what is computed then has at most ${power(largestResult)} elements or four
times those of its operands. Numbers that are computed on every run are float32 whatever the model calls them. Refused are
training mode, operators of other domains, sparse initialisers, scales for each block of a quantised tensor, \`antialias\`,
and computed products of two matrices that are too large for broadcasting. Control flow and recurrent operators are not read.`,
  darknet: `**Limits.** At most ${count(maxLayers)} layers and ${megabytes(maxSourceBytes)} of text. The \`.weights\` file is
read to its last byte: one that is too short or too long is refused. \`[yolo]\` and \`[region]\` give what their convolution
gives, or with \`decode\` the boxes; other heads give the former only. Options that are refused when set:
${refusedOptions()}.`,
  tfjs: `**Limits.** At most ${count(maxParts)} layers or nodes, ${megabytes(maxModelBytes)} of \`model.json\`, and models
${maxDepth} deep inside one another. ${tensors} Weights are float32, int32, bool, or quantised as uint8, uint16 and float16.
Sequences have 3 axes and images 4, channels last unless the layer says otherwise. In graph-models sizes, axes and indices
must be known when the model is read, weights of convolutions too, and at most ${power(maxFolded)} numbers are computed with
then; \`Gather\`, \`Prod\`, \`FloorDiv\` and \`FloorMod\` work on such numbers only. Refused are training mode, thresholds of
ReLU other than 0, mirrored borders that repeat their edge, and layer normalisation of other axes than the last.`,
};
