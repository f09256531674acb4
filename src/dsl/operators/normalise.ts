import { ShapeError } from "../../ir/ops/operator.js";
import { defineOperator, optional, required, type StageBuilder } from "./definition.js";
import { number, positive, whole } from "./kinds.js";

const eps = optional(positive, 1e-5, "1e-5");

const bn = defineOperator({
  name: "bn",
  summary: "batch normalisation with its running statistics",
  takes: "image or vector",
  parameters: { eps },
  apply(stage, { eps: epsilon }) {
    const channels = [stage.shape[0] ?? 1];
    const operands = {
      input: stage.input,
      gamma: stage.parameter("weight", channels),
      beta: stage.parameter("bias", channels),
      mean: stage.parameter("running_mean", channels, "statistic"),
      variance: stage.parameter("running_var", channels, "statistic"),
    };
    return stage.build("batchNorm", operands, { epsilon });
  },
});

function groupNorm(stage: StageBuilder, groups: number, epsilon: number) {
  const channels = stage.shape[0] ?? 1;
  if (channels % groups !== 0) {
    const details = { op: stage.operator, groups, what: "channels", channels };
    throw new ShapeError("groups-do-not-divide", details);
  }
  const operands = {
    input: stage.input,
    gamma: stage.parameter("weight", [channels]),
    beta: stage.parameter("bias", [channels]),
  };
  return stage.build("groupNorm", operands, { groups, epsilon });
}

const instancenorm = defineOperator({
  name: "instancenorm",
  summary: "normalises every channel of every image by its own mean and variance",
  takes: "image",
  parameters: { eps },
  apply: (stage, { eps: epsilon }) => groupNorm(stage, stage.shape[0] ?? 1, epsilon),
});

const groupnorm = defineOperator({
  name: "groupnorm",
  summary: "normalises groups of channels of every image by their own mean and variance",
  takes: "image or vector",
  parameters: { groups: required(whole(1)), eps },
  apply: (stage, { groups, eps: epsilon }) => groupNorm(stage, groups, epsilon),
});

const lrn = defineOperator({
  name: "lrn",
  summary: "local response normalisation across `size` neighbouring channels",
  takes: "image",
  parameters: {
    size: required(whole(1)),
    alpha: optional(number(), 1e-4, "1e-4"),
    beta: optional(number(), 0.75),
    k: optional(number(), 1),
  },
  apply: (stage, { size, alpha, beta, k }) =>
    stage.build("lrn", { input: stage.input }, { size, alpha, beta, bias: k }),
});

export const normalising = [bn, instancenorm, groupnorm, lrn];
