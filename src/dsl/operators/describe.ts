import type { Operator, OperatorTable } from "./definition.js";

/** An operator as it is called, with its defaults: `conv(out, kernel, stride=1)`. */
function callOf({ name, parameters }: Operator): string {
  const shown = [...parameters].map(([parameter, { fallback, rest }]) => {
    if (rest) return `${parameter}…`;
    return fallback ? `${parameter}=${fallback.text}` : parameter;
  });
  return shown.length === 0 ? name : `${name}(${shown.join(", ")})`;
}

/** A Markdown table of operators: how each is called, what it takes and what it does. */
export function describeOperators(operators: OperatorTable): string {
  const rows = [...operators.values()].map(
    (operator) => `| \`${callOf(operator)}\` | ${operator.takes} | ${operator.summary} |`,
  );
  return ["| operator | takes | what it does |", "|---|---|---|", ...rows].join("\n");
}
