import type { Graph, NodeOf, Value } from "../../ir/graph.js";
import { graphOf } from "../../ir/order.js";
import { sizeOf } from "../../ir/types.js";
import type { Calibration, Sample } from "../calibration.js";
import { differenceOf, relativeError } from "./measure-error.js";
import { type Moments, momentsOf } from "./moments.js";
import { between, type Substitutes, substitute, upTo } from "./substitute.js";

/** The most numbers of a layer's input that are kept at once, over all samples: 256 MB. */
const mostNumbers = 2 ** 26;

/** What arrives at a convolution of a network that is rewritten in part, and how close substitutes of it come. */
export class LayerData {
  #moments: { readonly value: Moments | undefined } | undefined;
  #heldOut: readonly Sample[] | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly made: Substitutes,
    private readonly conv: NodeOf<"conv2d">,
    private readonly calibration: Calibration,
  ) {}

  /** The moments of what it reads on the data to be fitted to; undefined when patches are too large. */
  get moments(): Moments | undefined {
    this.#moments ??= { value: this.#findMoments() };
    return this.#moments.value;
  }

  #findMoments(): Moments | undefined {
    const inputs = this.#inputs(this.calibration.fit);
    return momentsOf(
      this.conv,
      inputs.map((sample) => sample.get("x")!),
    );
  }

  /** The relative L2 error of a substitute's result on data that nothing is fitted to. */
  errorOf(value: Value): number {
    const expected = this.conv.results[0]!;
    const part = between(this.conv.operands.input, [expected, value]);
    const isAlone = part.nodes.filter(({ op }) => op === "input").length === 1;
    this.#heldOut ??= isAlone ? this.#inputs(this.calibration.heldOut) : undefined;
    const outputs =
      isAlone && this.#heldOut
        ? this.calibration.compute(part, this.#heldOut)
        : this.calibration.compute(this.#both(expected, value), this.calibration.heldOut);
    return relativeError(outputs.map((both) => differenceOf(both.get("1")!, both.get("0")!)));
  }

  /** The network as it is by now, up to a layer and its substitute, which may read more than the layer's input. */
  #both(expected: Value, value: Value): Graph {
    const outputs = [expected, value].map((output, at) => ({ name: String(at), value: output }));
    return substitute(graphOf({ ...this.graph, outputs }), this.made);
  }

  /** What arrives, for as many samples as there is room for. */
  #inputs(samples: readonly Sample[]): readonly Sample[] {
    const { input } = this.conv.operands;
    const most = Math.max(1, Math.floor(mostNumbers / sizeOf(input.type.shape)));
    const kept = samples.slice(0, most);
    if (input.node.op === "input") {
      const { name } = input.node.attrs;
      return kept.map((sample) => new Map([["x", sample.get(name)!]]));
    }
    return this.calibration.compute(substitute(upTo(this.graph, input), this.made), kept);
  }
}
