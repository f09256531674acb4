import type { Family } from "./families.js";
import { axisSizes, type KernelNode } from "./kernel-axes.js";

/** `5x5 = 5x1 · 1x5, rank 3`. */
export function factorWords(node: KernelNode, family: Family, rank: number): string {
  const { row, column } = axisSizes(node);
  const [first, second] = [kernelWords(node, family, "first"), kernelWords(node, family, "second")];
  return `${row}x${column} = ${first} · ${second}, rank ${rank}`;
}

function kernelWords(node: KernelNode, family: Family, side: "first" | "second"): string {
  const sizes = axisSizes(node);
  const axes = family[side];
  const taps = (axis: "row" | "column"): number => (axes.includes(axis) ? sizes[axis] : 1);
  const kernel = `${taps("row")}x${taps("column")}`;
  const isDeep = side === "first" ? !axes.includes("input") : family.block.includes("output");
  return isDeep ? `depth-wise ${kernel}` : kernel;
}
