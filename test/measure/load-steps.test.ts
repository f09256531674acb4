import { expect, test } from "vitest";
import { planGraph } from "../../src/codegen/plan/index.js";
import { typescriptTarget, wasmTarget } from "../../src/codegen/target.js";
import { evaluate } from "../../src/ir/evaluate.js";
import { sizeOf } from "../../src/ir/types.js";
import { loadSteps, stepMemory } from "../../src/measure/load-steps.js";
import { generator } from "../../src/weights/initialise.js";
import { expectClose } from "../support/close.js";
import { conv, image, relu, returns } from "../support/graphs.js";

const graph = () => returns(relu(conv(conv(image(3, 7), 6), 5)));

test.each([wasmTarget, typescriptTarget])(
  "all steps in order compute the network, $name",
  async (target) => {
    const plan = planGraph(graph(), target);
    const memory = stepMemory(target.name, plan.module.memoryBytes);
    const loaded = await loadSteps(plan, memory);
    expect(loaded.steps.map(({ call }) => call)).toEqual(plan.module.schedule);
    for (let turn = 0; turn < 2; turn++) {
      loaded.fill();
      for (const step of loaded.steps) step.run();
    }
    const [input] = plan.graph.inputs;
    const next = generator(1, input!.name);
    const noise = Float32Array.from({ length: 3 * 7 * 7 }, () => 2 * next() - 1);
    const expected = evaluate(plan.graph, new Map([[input!.name, noise]]));
    const outputs = plan.outputs.map(({ name, bytes }, index) => {
      const { shape } = plan.graph.outputs[index]!.value.type;
      return [
        name,
        { shape, data: new Float32Array(memory.buffer, bytes, sizeOf(shape)) },
      ] as const;
    });
    expectClose(new Map(outputs), expected, 1e-5);
  },
);

test("two plans take turns over one memory", async () => {
  const plans = [planGraph(graph(), wasmTarget), planGraph(returns(relu(image(2, 3))), wasmTarget)];
  const bytes = Math.max(...plans.map(({ module }) => module.memoryBytes));
  const memory = stepMemory("wasm", bytes);
  const [first, second] = await Promise.all(plans.map((plan) => loadSteps(plan, memory)));
  const outputOf = (loaded: typeof first): number[] => {
    loaded!.fill();
    for (const step of loaded!.steps) step.run();
    return [...new Float32Array(memory.buffer, loaded!.plan.outputs[0]!.bytes, 9)];
  };
  const before = outputOf(first);
  expect(outputOf(second)).not.toEqual(before);
  expect(outputOf(first)).toEqual(before);
});
