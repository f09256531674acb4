import type { Grant } from "../../ir/graph.js";

/** A grant as it is written: `separate("layer1.conv", within=0.01)`, or the option that it came from. */
export function printGrant({ kind, path, within, value, option }: Grant): string {
  if (option !== undefined) return `option ${JSON.stringify(option)}`;
  const parts: string[] = [];
  if (path) parts.push(JSON.stringify(path));
  if (value !== undefined) parts.push(kind === "calibrate" ? JSON.stringify(value) : value);
  if (within !== undefined) parts.push(`within=${within}`);
  return `${kind}(${parts.join(", ")})`;
}
