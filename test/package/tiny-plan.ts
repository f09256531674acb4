import type { LoopFunction } from "../../src/codegen/loops/types.js";
import type { Plan } from "../../src/codegen/plan/plan.js";
import { typescriptTarget } from "../../src/codegen/target.js";
import { build } from "../../src/ir/build.js";
import type { ImageSettings } from "../../src/ir/graph.js";
import { graphOf } from "../../src/ir/order.js";
import { f32 } from "../../src/ir/types.js";

/** What a tiny plan is called, and the shapes at its border. */
export interface TinyOptions {
  readonly model?: string;
  readonly input?: string;
  readonly output?: string;
  readonly shape?: readonly number[];
  readonly labels?: readonly string[];
  readonly image?: ImageSettings;
}

/** `output[i] = input[i] · weight[0] + weight[1]`, planned by hand: two weights, then input, then output. */
export function tinyPlan(options: TinyOptions = {}): Plan {
  const { model = "Tiny", input = "image", output = "scores", shape = [1, 3, 2, 2] } = options;
  const size = shape.reduce((product, n) => product * n, 1);
  const image = build("input", {}, { name: input, type: f32(...shape) });
  const result = build("unary", { input: image }, { fn: { kind: "relu" } }, { name: "act" });
  const graph = graphOf({
    name: model,
    inputs: [{ name: input, value: image, image: options.image }],
    outputs: [{ name: output, value: result }],
    labels: options.labels,
    grants: [],
  });
  const [inputBytes, outputBytes] = [16, 16 + 4 * size];
  const kernel = affineKernel(size);
  return {
    graph,
    target: typescriptTarget,
    placements: new Map(),
    layers: [],
    module: {
      functions: [kernel],
      prepare: [],
      schedule: [
        {
          function: kernel.name,
          arguments: [0, inputBytes, outputBytes].map((bytes) => ({ kind: "address", bytes })),
          comment: "act",
        },
      ],
      memoryBytes: outputBytes + 4 * size,
    },
    callNodes: new Map(),
    weights: [{ label: "act", address: 4, data: Float32Array.of(2.5, -0.75) }],
    weightBytes: 16,
    weightsFile: { precision: "f32", bytes: 16, address: 0 },
    arenaBytes: 8 * size,
    arenaBound: 8 * size,
    derivedBytes: 0,
    inputs: [{ name: input, bytes: inputBytes }],
    outputs: [{ name: output, bytes: outputBytes }],
  };
}

function affineKernel(size: number): LoopFunction {
  const params = ["weights", "from", "to"].map((name) => ({ name, type: "floats" as const }));
  const [weights, from, to] = params.map((local) => ({
    kind: "get" as const,
    type: local.type,
    local,
  }));
  const index = { name: "i", type: "i32" as const };
  const by = { kind: "get" as const, type: index.type, local: index };
  const at = (base: typeof weights) => ({
    kind: "advance" as const,
    type: "floats" as const,
    base: base!,
    by,
    scale: 1,
  });
  const load = (address: ReturnType<typeof at> | typeof weights, offset = 0) => ({
    kind: "load" as const,
    type: "f32" as const,
    address: address!,
    offset,
  });
  const constant = (value: number) => ({ kind: "const" as const, type: "i32" as const, value });
  return {
    name: "affine",
    comment: `scale and shift ${size} values`,
    params,
    body: [
      {
        kind: "for",
        local: index,
        from: constant(0),
        to: constant(size),
        step: 1,
        body: [
          {
            kind: "store",
            address: at(to),
            offset: 0,
            value: {
              kind: "mulAdd",
              type: "f32",
              a: load(at(from)),
              b: load(weights, 1),
              c: load(weights, 2),
            },
          },
        ],
      },
    ],
  };
}
