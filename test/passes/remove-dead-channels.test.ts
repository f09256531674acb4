import { expect, test } from "vitest";
import { removeDeadChannels } from "../../src/passes/remove-dead-channels.js";
import { randomGraph } from "../support/random-graph.js";
import { expectSameMeaning, runPass } from "../support/run-pass.js";

test("random networks mean the same without their dead channels", () => {
  for (let seed = 1; seed <= 150; seed++) {
    const graph = randomGraph(seed, { steps: 6, elements: 400 });
    const fewer = runPass(removeDeadChannels, graph);
    expectSameMeaning(fewer, graph);
    expect(runPass(removeDeadChannels, fewer)).toBe(fewer);
  }
});
