/** The labels of a text file: one a line, in the order of the output's elements. */
export function parseLabels(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  while (lines.length > 0 && lines[lines.length - 1]?.trim() === "") lines.pop();
  return lines.map((line) => line.trim());
}
