export type { FeatureMap, Halo, Layout } from "./layout.js";
export type { Placement, Plan, PlannedLayer, WeightBlock } from "./plan.js";
export { planGraph } from "./plan-graph.js";
