/** A column: its title, and whether its cells are numbers and stand to the right. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
  /** Columns with higher numbers are the first to go where the table is too wide; 0 stays. */
  readonly spare?: number;
}

/** The widest a cell may be; longer ones are cut, except in the last column. */
const widest = 44;

/** Rows of a table; `undefined` is a rule. */
export type Rows = readonly (readonly string[] | undefined)[];

/** Rows under titles in aligned columns, at most `most` characters wide where columns can be spared. */
export function printTable(
  columns: readonly Column[],
  rows: Rows,
  most = Number.POSITIVE_INFINITY,
): string[] {
  const lines = printColumns(columns, rows);
  const spare = Math.max(...columns.map((column) => column.spare ?? 0));
  if ((lines[1]?.length ?? 0) <= most || spare === 0) return lines;
  const gone = columns.findIndex((column) => column.spare === spare);
  const without = <T>(items: readonly T[]): T[] => items.filter((_, i) => i !== gone);
  const fewer = rows.map((row) => row && without(row));
  return printTable(without(columns), fewer, most);
}

function printColumns(columns: readonly Column[], rows: Rows): string[] {
  const last = columns.length - 1;
  const shown = rows.map((row) => row?.map((cell, i) => (i === last ? cell : cut(cell))));
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...shown.map((row) => row?.[i]?.length ?? 0)),
  );
  const print = (cells: readonly string[]): string =>
    columns
      .map(({ right }, i) =>
        right ? pad(cells[i], widths[i]) : (cells[i] ?? "").padEnd(widths[i]!),
      )
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const titles = print(columns.map(({ title }) => title));
  return [titles, rule, ...shown.map((row) => (row ? print(row) : rule))];
}

const pad = (cell = "", width = 0): string => cell.padStart(width);

const cut = (cell: string): string =>
  cell.length > widest ? `${cell.slice(0, widest - 1)}…` : cell;
