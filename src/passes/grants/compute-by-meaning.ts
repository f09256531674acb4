import { evaluate } from "../../ir/evaluate.js";
import type { Graph } from "../../ir/graph.js";
import type { Sample } from "../calibration.js";

/** What a graph gives for each sample by the reference meaning of its operators: slow, and anywhere. */
export const computeByMeaning = (graph: Graph, samples: readonly Sample[]): readonly Sample[] =>
  samples.map((sample) => {
    const outputs = evaluate(graph, sample);
    return new Map([...outputs].map(([name, { data }]) => [name, Float32Array.from(data)]));
  });
