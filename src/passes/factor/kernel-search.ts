import { dataOf } from "../../ir/constants.js";
import type { Node, Value } from "../../ir/graph.js";
import type { PassContext } from "../pass.js";
import type { Refusal, Rewriting } from "../structural-pass.js";
import { buildFactors } from "./build-factors.js";
import { factorData } from "./factor-data.js";
import { type Family, familiesFor } from "./families.js";
import { type Found, findFactors, type Wanted, workOfFirstLook } from "./find-factors.js";
import type { KernelNode } from "./kernel-axes.js";
import { factorsMs, mostPayingRank } from "./paying-rank.js";
import { isUsable } from "./usable.js";
import { factorWords } from "./words.js";

/** Factors whose weights differ by no more than this are the kernel but for rounding to float32. */
export const exactTolerance = 1e-6;

/** A way to write a convolution as two. */
export interface Factorisation {
  readonly family: Family;
  readonly rank: number;
  /** |W' − W| / |W| for the kernel that the factors make as they are stored. */
  readonly weightError: number;
  /** Milliseconds that the factors are predicted to take. */
  readonly ms: number;
  /** The factors in place of a node with the searched one's kernel. */
  build(node: KernelNode): Value;
}

/** The families that would pay for one kernel, and what a first look at them takes. */
interface Trial {
  readonly node: KernelNode;
  readonly wanted: readonly Wanted[];
  readonly work: number;
}

/**
 * Looks for products of small kernels in large ones and remembers what it found, since a pass meets a
 * convolution again after each change of the graph.
 */
export class KernelSearch {
  #zeros = new Float32Array();
  readonly #ranks = new Map<string, number>();
  readonly #known = new Map<Node, Map<string, Factorisation | Refusal>>();

  constructor(
    readonly tolerance: number,
    readonly context: PassContext,
  ) {}

  /** Examines a graph's kernels, those that take least first: more of them fit what may be spent. */
  examineAll(nodes: readonly Node[]): void {
    const trials = nodes.filter(isKernelNode).flatMap((node) => this.#trialOf(node) ?? []);
    for (const trial of trials.toSorted((a, b) => a.work - b.work)) this.#examine(trial);
  }

  /** What could stand in a convolution's place; undefined when its kernel is small or not known. */
  find(node: KernelNode): Rewriting | Refusal | undefined {
    const found = this.factorise(node);
    if (!found || "refused" in found) return found;
    const { family, rank, weightError } = found;
    return {
      value: found.build(node),
      replaces: [node],
      family: factorWords(node, family, rank),
      label: weightError <= exactTolerance ? "rounding" : "approximate",
      weightError,
      outputError: weightError <= exactTolerance ? 0 : Number.NaN,
      reason: `its kernel is a product of rank ${rank}`,
    };
  }

  /** The fastest factorisation of a kernel within the tolerance. */
  factorise(node: KernelNode): Factorisation | Refusal | undefined {
    const known = this.#recall(node);
    if (known) return known;
    const trial = this.#trialOf(node);
    return trial && this.#examine(trial);
  }

  #trialOf(node: KernelNode): Trial | undefined {
    const weight = dataOf(node.operands.weight);
    const families = familiesFor(node);
    if (!weight || families.length === 0 || node.attrs.epilogue.length > 0) return undefined;
    const zeros = this.#zerosLike(weight);
    const wanted = families.flatMap((family): Wanted[] => {
      const mostRank = this.#payingRank(node, family, zeros);
      if (mostRank === 0) return [];
      return [{ node, weight, family, tolerance: this.tolerance, mostRank }];
    });
    const work = wanted.reduce((sum, own) => sum + workOfFirstLook(own), 0);
    return { node, wanted, work };
  }

  #examine(trial: Trial): Factorisation | Refusal {
    const known = this.#recall(trial.node);
    if (known) return known;
    const found = this.#look(trial);
    this.#remember(trial.node, found);
    return found;
  }

  #look({ wanted, work }: Trial): Factorisation | Refusal {
    if (wanted.length === 0) return { refused: "factors of no rank would be faster" };
    const { effort } = this.context;
    if (!isUsable(wanted[0]!.weight)) return { refused: "its kernel is zero or not finite" };
    if (work > effort.left) return notExamined(work);
    const found: Factorisation[] = [];
    for (const own of wanted) {
      const product = findFactors(own, (amount) => {
        if (amount > effort.left) return false;
        effort.left -= amount;
        return true;
      });
      if (product === "not examined") return notExamined(work);
      if (product) found.push(this.#factorisation(own, product));
    }
    const [best] = found.sort((a, b) => a.ms - b.ms);
    return best ?? { refused: `no factors that would be faster are within ${this.tolerance}` };
  }

  /** The most rank that pays, which is the same for all convolutions of the same shapes. */
  #payingRank(node: KernelNode, family: Family, zeros: Float32Array): number {
    const key = `${family.name} ${node.op} ${node.operands.weight.type.shape} ${keyOf(node)}`;
    const rank = this.#ranks.get(key) ?? mostPayingRank(node, family, this.context, zeros);
    this.#ranks.set(key, rank);
    return rank;
  }

  #zerosLike({ length }: Float32Array): Float32Array {
    if (this.#zeros.length < length) this.#zeros = new Float32Array(length);
    return this.#zeros;
  }

  #factorisation({ node, family, weight }: Wanted, { factors, weightError }: Found): Factorisation {
    const { rank } = factors;
    return {
      family,
      rank,
      weightError,
      ms: factorsMs(node, family, rank, this.context, this.#zerosLike(weight)),
      build: (own) => buildFactors(own, family, rank, factorData(own, family, factors)),
    };
  }

  #recall(node: KernelNode): Factorisation | Refusal | undefined {
    return this.#known.get(node.operands.weight.node)?.get(keyOf(node));
  }

  #remember(node: KernelNode, found: Factorisation | Refusal): void {
    const own = this.#known.get(node.operands.weight.node) ?? new Map();
    this.#known.set(node.operands.weight.node, own.set(keyOf(node), found));
  }
}

export const isKernelNode = (node: Node): node is KernelNode =>
  node.op === "conv2d" || node.op === "deconv2d";

/** What the time of a convolution depends on beside its weight. */
const keyOf = ({ attrs, operands }: KernelNode): string =>
  JSON.stringify([attrs, operands.input.type.shape, operands.bias !== undefined]);

const notExamined = (work: number): Refusal => ({
  refused: `not examined: it takes ${Math.ceil(work / 1e6)} million multiply-accumulates (--search examines it)`,
});
