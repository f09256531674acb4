/** What the page says apart from tables. */
export const texts = {
  head: `# Passes that change the structure

<!-- Written by scripts/structural-passes.ts: npm run structural-page -->

Most passes tidy a network; those of this page make another one that computes the same, or nearly the same, in less time.`,
  found: `## What is found by default

Level 1 changes structure only where the result is the same up to the rounding of float32, and only where the new layers are
predicted to take at least 5 % less time on the target ([tuning.md](tuning.md)): fewer multiply-accumulates alone are no reason.

| what | becomes |
|---|---|
| parallel convolutions, batch norms and identities that are summed | one convolution (\`merge-branches\`) |
| a 1x1 convolution in front of or behind a k x k one, where that is cheaper | one k x k convolution (\`compose-kernels\`) |
| a 1x1 convolution behind an upsampling, or in front of a pooling | the two in the other order (\`swap-pointwise\`) |
| channels that are zero, constant or that nobody reads | nothing, through sums, concatenations and gates (\`remove-dead-channels\`) |
| rings of zeros around a kernel, taps that only read padding | a smaller kernel (\`trim-kernels\`) |
| a kernel that is block-diagonal over channels | groups (\`split-groups\`) |
| a kernel that is a product: of a column and a row, of a filter a channel and sums over channels | two small convolutions (\`separate-kernels\`) |
| a large kernel that is one small kernel after another | two or three small convolutions (\`stack-kernels\`) |

Designed filters are such products, and networks are often trained in a form that merges. Kernels that were trained as they are
hardly ever are: a quick test of ranks turns them down. Looking at weights has a budget; what is beyond it is reported as
"not examined", and \`--search\` looks however long it takes.`,
  foundTable: `Each network compared with itself compiled without these passes, which is 100 %. Measured is the shortest time of one
inference (WebAssembly), both networks in turns in one process.`,
  granted: `## What grants do

A trained kernel may be close to one with structure. How close is enough is the user's decision: \`separate\`, \`stack\` and
\`prune\` lines of an \`optimize\` block ([language.md](language.md)), or \`--tolerance X\` for all layers, say how far a layer
may move. Without examples the error is that of the kernel, relative to its size (Frobenius); random inputs would see the same.
With examples (\`calibrate\`, \`--calibrate DIR\`) the factors are fitted to what arrives at the layer and the error is that of
its result on examples that were kept back: the same tolerance allows more, and the network keeps more of what it can do.
A rewrite is made only where it is predicted to be faster. \`verify(within=X)\` limits how far the network's outputs move, and
undoes rewrites until they are within.`,
  digits: `The digits example (two 5x5 convolutions; its first matrix product is a convolution of 7x7) with one grant for all layers.
MACs, predicted and measured time are shares of the network without grants; accuracy and "same class" are those on the 1,000
digits that training never saw; examples are 64 digits of the training set.`,
  read: `## How to read \`cnnc inspect --passes\`

The first table has a row for each pass: how many rewrites it made and what multiply-accumulates, constants and predicted time were
before and after; \`·\` is no change. The second has a row for each change of structure: the layer, what it became
(\`5x5 = 5x1 · 1x5, rank 3\` is a column of taps, then a row, with three channels between), its costs before and after, its error
and why it was made. Then come the layers that were looked at and left, each with its reason: too slow, too far from any
structure, not examined, undone. \`--json\` gives all of it as data, \`--emit svg\` pictures of the graph before and after.`,
  handOver: `## Training on

\`cnnc rewrite MODEL.cnn --granted -o NEW.cnn\` writes the network with its granted rewrites as \`.cnn\` and \`.safetensors\`: the
start of a fine-tuning elsewhere. \`--tolerance\` and \`--calibrate\` are those of \`build\`. The factors of a layer \`conv1\` are
called \`conv1.0\` and \`conv1.1\`; everything else keeps its path. A batch norm behind a rewritten layer is folded into its factors,
all others stay as they are written; where a rewrite builds on another change of the network, such as merged branches, everything is
folded, and the command says so. \`optimize\` and \`assert\` lines are not carried over. \`--exact\` writes the network with what is
found by default, such as a RepVGG with its branches merged. Compiled at level 1, the new file computes what the old one does
with its grants.

\`cnnc rewrite MODEL.cnn --separate PATH --stack PATH -o NEW.cnn\` is for networks without weights: it edits the source, and the
new network computes another function.

## Other networks

\`npx tsx scripts/structural-passes.ts MODEL --data DIR\` prints the table of grants for any model that \`cnnc\` reads. \`DIR\` holds
examples as for \`--calibrate\`, of which every second is only judged on, and for classifiers optionally \`labels.txt\`, the right class
of each example on a line. Networks that give pictures are judged by the ratio of peak signal to noise (PSNR) against the
network without grants.`,
} as const;

/** The whole page. */
export const structuralPage = (found: string, digits: string): string =>
  `${[
    texts.head,
    texts.found,
    texts.foundTable,
    found,
    texts.granted,
    texts.digits,
    digits,
    texts.read,
    texts.handOver,
  ].join("\n\n")}\n`;
