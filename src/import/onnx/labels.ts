import type { NodeMessage } from "../../onnx/messages.js";

/** Text as parts of a path: letters, digits and `_`, the first one no digit unless it is a number. */
const partsOf = (text: string): string[] =>
  text
    .split(/[/.:]+/)
    .map((part) => part.replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, ""))
    .filter((part) => part !== "")
    .map((part) => (/^\d+$|^[A-Za-z_]/.test(part) ? part : `_${part}`));

const most = 200;

/** What is left when a part only repeats the way to the next: `layer1/layer1.0` is `layer1.0`. */
function shortened(name: string): string[] {
  const segments = name.split("/").filter((segment) => segment !== "");
  const kept = segments.filter((segment, at) => !segments[at + 1]?.startsWith(`${segment}.`));
  return partsOf(kept.join("."));
}

/**
 * The label of a node: where its weights are called `path.weight`, the path; else its own name without the
 * operator's at the end; else the operator's.
 */
export function labelOf({ opType, name, inputs }: NodeMessage): string {
  const weight = inputs.slice(1).find((input) => /[^.]\.weight$/.test(input));
  const parts = weight
    ? partsOf(weight.slice(0, -".weight".length))
    : shortened(name.replace(new RegExp(`/${opType.replace(/\W/g, "")}(_\\d+)?$`), ""));
  const label = parts.join(".").slice(0, most).replace(/\.$/, "");
  return /^[A-Za-z_]/.test(label) ? label : `${operatorLabel(opType)}${label ? `_${label}` : ""}`;
}

const operatorLabel = (opType: string): string => {
  const word = opType.replace(/[^A-Za-z0-9_]/g, "");
  return word === "" ? "node" : word[0]!.toLowerCase() + word.slice(1);
};
