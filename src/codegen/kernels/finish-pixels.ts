import type { Epilogue } from "../../ir/ops/arithmetic.js";
import { advance, type FunctionBuilder, type Vectors } from "../loops/build.js";
import type { Expr } from "../loops/types.js";
import { applySteps } from "./activations.js";
import { isLongStep } from "./long-step.js";

/**
 * The steps that are applied to sums in registers, and those that are applied to the finished row, from
 * the first long function on: several vectors of one beside each other would be computed in turns,
 * which spills nearly every value. One lane is never finished later.
 */
export function splitEpilogue(
  epilogue: Epilogue,
  { lanes }: Pick<Vectors, "lanes">,
): { readonly direct: Epilogue; readonly later: Epilogue } {
  const first = lanes > 1 ? epilogue.findIndex(isLongStep) : -1;
  if (first < 0) return { direct: epilogue, later: [] };
  return { direct: epilogue.slice(0, first), later: epilogue.slice(first) };
}

/** Where pixels of one map lie: the first, and the distance to the next. */
interface PixelRun {
  readonly at: Expr;
  readonly column: number;
}

/** Pixels whose sums are in the result: how many, with how many channels, and what steps read. */
export interface Unfinished {
  readonly columns: number;
  readonly channels: number;
  readonly result: PixelRun;
  /** Extras with the distance of neighbouring channels, 1 or 0. */
  readonly extras: readonly (PixelRun & { readonly channel: number })[];
}

/** Applies steps to each vector of these pixels where it lies, one at a time. */
export function finishPixels(
  f: FunctionBuilder,
  v: Vectors,
  steps: Epilogue,
  { columns, channels, result, extras }: Unfinished,
): void {
  if (steps.length === 0) return;
  const whole = channels - (channels % v.lanes);
  f.for("x", 0, columns, 1, (x) => {
    const first = f.let("pixel", advance(result.at, x, result.column));
    const beside = extras.map(({ at, column }) => f.let("beside", advance(at, x, column)));
    const finish = (to: Expr, count: number): void => {
      const value = applySteps(f, steps, v.load(to), (extra) =>
        (extras[extra]!.channel === 1 ? v.load : v.loadSplat)(beside[extra]!),
      );
      f.store(to, 0, value, count);
    };
    f.for("c", first, advance(first, whole), v.lanes, (to) => {
      finish(to, v.lanes);
      for (const [i, at] of beside.entries()) {
        if (extras[i]!.channel === 1) f.set(at, advance(at, v.lanes));
      }
    });
    if (whole < channels) finish(advance(first, whole), channels - whole);
  });
}
