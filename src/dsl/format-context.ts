import type { Gaps } from "./format-gaps.js";

/** What the parts of the formatter share. */
export interface FormatContext {
  readonly gaps: Gaps;
  /** The source; undefined for a tree that was not parsed. */
  readonly text: string | undefined;
  /** Whether everything stands on one line, as between the braces of a label. */
  readonly compact?: true;
}
