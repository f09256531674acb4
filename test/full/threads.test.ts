import path from "node:path";
import { expect, test, vi } from "vitest";
import { compileFile, instantiate } from "../../src/index.js";
import { sizeOf } from "../../src/ir/types.js";
import * as g from "../support/graphs.js";
import { noise } from "../support/noise.js";
import { randomGraph } from "../support/random-graph.js";
import { packageShared, sharedPlan, withWorkerCount } from "../support/shared-model.js";

const examples = path.join(import.meta.dirname, "..", "..", "examples");
const init = { kind: "he", seed: 1 } as const;

test.each(["lenet5", "squeezenet1_1", "mobilenet_v2", "shufflenet_v2_x1_0", "resnet18", "unet"])(
  "%s: any number of threads gives the same bits",
  async (name) => {
    const compiled = await compileFile(path.join(examples, name, `${name}.cnn`), { init });
    const inputs = Object.fromEntries(
      compiled.written.inputs.map((input, i) => [
        input.name,
        noise(sizeOf(input.value.type.shape), i + 1),
      ]),
    );
    const once = (await instantiate(compiled)).run(inputs);
    for (const threads of [2, 3, 5]) {
      const model = await instantiate(compiled, { threads });
      expect([model.threads, model.threadsReason]).toEqual([threads, undefined]);
      for (let i = 0; i < 5; i++) expect(model.run(inputs)).toEqual(once);
      model.dispose();
    }
  },
);

test.each(Array.from({ length: 60 }, (_, seed) => 100 + seed))(
  "random graph %i: any number of threads gives the same bits",
  async (seed) => {
    const graph = randomGraph(seed);
    const { load } = await packageShared(sharedPlan(graph));
    const inputs = Object.fromEntries(g.noiseFor(graph, seed));
    const once = (await load()).run(inputs);
    for (const threads of [2, 3, 5]) {
      const model = await load({ threads });
      for (let i = 0; i < 20; i++) expect(model.run(inputs)).toEqual(once);
      model.dispose();
    }
  },
);

test("two hundred models with threads come and go, and no worker stays", async () => {
  const graph = g.returns(g.conv(g.image(16, 24, 24), 16));
  const { load } = await packageShared(sharedPlan(graph));
  const inputs = Object.fromEntries(g.noiseFor(graph));
  const once = (await load()).run(inputs);
  await withWorkerCount(async (counts) => {
    for (let i = 0; i < 200; i++) {
      const model = await load({ threads: 2 });
      expect(model.threads).toBe(2);
      expect(model.run(inputs)).toEqual(once);
      model.dispose();
    }
    expect(counts.started).toBe(200);
    await vi.waitFor(() => expect(counts.live).toBe(0), 10_000);
  });
});
