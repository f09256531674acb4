import { build } from "../ir/build.js";
import { defineRule } from "../ir/rewrite.js";
import { rulePass } from "./pass.js";

/** Turns a split into one slice for each part, so that unread parts vanish and slices compose. */
export const splitToSlices = rulePass(
  "turn a split into slices",
  defineRule({
    name: "split-to-slices",
    op: "split",
    exactness: "bitwise",
    apply(split) {
      const { input } = split.operands;
      const { axis, sizes } = split.attrs;
      const steps = input.type.shape.map(() => 1);
      let start = 0;
      return sizes.map((size, part) => {
        const starts = input.type.shape.map((_, at) => (at === axis ? start : 0));
        start += size;
        const attrs = { starts, sizes: split.results[part]!.type.shape, steps };
        return build("slice", { input }, attrs, split);
      });
    },
  }),
);
