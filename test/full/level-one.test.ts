import { expect, test } from "vitest";
import { typescriptTarget, wasmTarget } from "../../src/codegen/target.js";
import { casesOf, expectSound, levelOne, planMs, structural } from "../support/levels.js";
import { structuredGraph } from "../support/structures.js";

const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => first + at);

test.each([wasmTarget, typescriptTarget])(
  "1,000 random networks at level 1: outputs stay, predicted time never grows: $name",
  (target) => {
    const cases = casesOf(seedsFrom(0, 1000), structuredGraph, target);
    expectSound(cases);
    for (const pass of structural) {
      expect(cases.filter(({ levels }) => levels.fired.includes(pass)).length).toBeGreaterThan(15);
    }
    const larger = cases.filter(({ levels }) => levels.macs > levels.writtenMacs).length;
    const faster = cases.filter(({ levels }) => levels.ms < levels.plainMs).length;
    const worst = Math.max(...cases.map(({ levels }) => levels.error));
    console.info(
      `${target.name}, seeds 0 to 999: ${faster} faster, ${larger} with more MACs, worst error ${worst}`,
    );
  },
);

test.each([wasmTarget, typescriptTarget])(
  "random networks of ordinary size never grow in predicted time: $name",
  (target) => {
    for (const seed of seedsFrom(0, 300)) {
      const graph = structuredGraph(seed, { side: 80, elements: 200_000 });
      const ms = planMs(levelOne(graph, target).graph, target);
      const without = planMs(levelOne(graph, target, structural).graph, target);
      expect(ms, `seed ${seed}`).toBeLessThanOrEqual(without * (1 + 1e-9));
    }
  },
);
