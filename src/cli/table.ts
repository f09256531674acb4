/** A column: its title, and whether its cells are numbers and stand to the right. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** The widest a cell may be; longer ones are cut, except in the last column. */
const widest = 44;

/** Rows under titles in aligned columns; `undefined` rows are rules. */
export function printTable(
  columns: readonly Column[],
  rows: readonly (readonly string[] | undefined)[],
): string[] {
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
