import type { FormatContext } from "./format-context.js";
import {
  breaks,
  brokenGroup,
  concat,
  group,
  hardLine,
  hasSuffix,
  ifBroken,
  indent,
  isTall,
  type Layout,
  line,
  softLine,
} from "./format-layout.js";

/** Formats one element; called when its turn in the source has come. */
type Element = () => Layout;

interface EncloseOptions {
  /** What stands next to the brackets when all is on one line. */
  readonly padding?: Layout;
  /** Whether the grammar takes a comma after the last element. */
  readonly comma?: boolean;
}

/** Elements, each but the last with its comma. */
const separated = ({ gaps }: FormatContext, elements: readonly Element[]): Layout[] =>
  elements.map((element, i) => {
    const written = element();
    return i < elements.length - 1 ? concat(written, gaps.token(",")) : written;
  });

/**
 * Elements between brackets, on one line or each on its own with a comma after the last. One that
 * takes several lines in any case may stand last without the others breaking.
 */
export function enclose(
  context: FormatContext,
  open: string,
  elements: readonly Element[],
  close: string,
  { padding = softLine, comma = true }: EncloseOptions = {},
): Layout {
  const { gaps } = context;
  const opener = gaps.token(open);
  const parts = separated(context, elements);
  const end = gaps.beforeCloser();
  const body = concat(...parts.flatMap((part, i) => (i === 0 ? [part] : [line, part])));
  const mustBreak =
    parts.slice(0, -1).some(isTall) ||
    [opener, body, ...end].some((part) => hasSuffix(part) || breaks(part));
  if (elements.length === 0 && !mustBreak) return concat(opener, ...end, gaps.token(close));
  const last = comma && elements.length > 0 ? ifBroken(",") : "";
  const content = [opener, indent(padding, body, last, ...end), padding, gaps.token(close)];
  return (mustBreak ? brokenGroup : group)(...content);
}

/** Elements of a table: as many on a line as fit. */
export function encloseTable(
  context: FormatContext,
  open: string,
  elements: readonly Element[],
  close: string,
): Layout {
  const { gaps } = context;
  const opener = gaps.token(open);
  const parts = separated(context, elements);
  const end = gaps.beforeCloser();
  const rows = parts.map((part, i) => {
    const before = parts[i - 1];
    if (before === undefined) return part;
    return hasSuffix(before) ? concat(hardLine, part) : group(line, part);
  });
  const mustBreak = [opener, ...parts, ...end].some((part) => hasSuffix(part) || breaks(part));
  const content = [
    opener,
    indent(softLine, ...rows, ifBroken(","), ...end),
    softLine,
    gaps.token(close),
  ];
  return (mustBreak ? brokenGroup : group)(...content);
}
