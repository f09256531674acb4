// Tables as text for a terminal and for Markdown. A column is { title, width, left, cell(row) }.

const align = (text, { left }, width) => (left ? text.padEnd(width) : text.padStart(width));

const widthOf = ({ title, width = 0 }) => Math.max(title.length, width, 8);

/** A line of a terminal's table; widths do not depend on the rows, so lines can be printed as they come. */
const textLine = (columns, texts) =>
  columns.map((column, i) => align(texts[i], column, widthOf(column))).join("  ");

export const textHead = (columns) =>
  textLine(
    columns,
    columns.map(({ title }) => title),
  );

export const textRow = (columns, row) =>
  textLine(
    columns,
    columns.map(({ cell }) => cell(row)),
  );

/** A Markdown table: numbers to the right. */
export function markdownTable(columns, rows) {
  const line = (texts) => `| ${texts.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    `|${columns.map(({ left }) => (left ? "---" : "--:")).join("|")}|`,
    ...rows.map((row) => line(columns.map(({ cell }) => cell(row)))),
  ].join("\n");
}
