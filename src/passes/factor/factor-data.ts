import type { FactorData } from "./build-factors.js";
import type { Factors } from "./factors.js";
import type { Family } from "./families.js";
import { axisSizes, type KernelNode } from "./kernel-axes.js";

/** The numbers of factors in the order of the kernels that they become; `bias` in place of the node's own. */
export function factorData(
  node: KernelNode,
  family: Family,
  factors: Factors,
  bias?: Float32Array,
): FactorData {
  return {
    bias,
    first: (ranks) => firstKernel(factors, ranks),
    second: (ranks) => secondKernel(node, family, factors, ranks),
  };
}

function firstKernel({ left }: Factors, ranks: readonly number[]): Float32Array {
  const rows = left[0]!.rows;
  const data = new Float32Array(left.length * ranks.length * rows);
  left.forEach((matrix, block) => {
    ranks.forEach((rank, r) => {
      const at = (block * ranks.length + r) * rows;
      for (let i = 0; i < rows; i++) data[at + i] = matrix.data[i * matrix.columns + rank]!;
    });
  });
  return data;
}

/**
 * Inputs of the second convolution are counted along rank and block's input: the input runs faster where each
 * rank has a first convolution of its own (one group of several inputs), slower otherwise.
 */
function secondKernel(
  node: KernelNode,
  { block, second }: Family,
  { right }: Factors,
  ranks: readonly number[],
): Float32Array {
  const sizes = axisSizes(node);
  const inputs = block.includes("input") ? sizes.input : 1;
  const outputs = second.includes("output") ? sizes.output : 1;
  const columns = right[0]!.columns;
  const taps = columns / outputs;
  const isRankOutside = inputs > 1 && sizes.group === 1;
  const [rankStep, inputStep] = isRankOutside ? [inputs, 1] : [1, ranks.length];
  const data = new Float32Array(right.length * ranks.length * columns);
  right.forEach((matrix, at) => {
    const [outer, input] = [Math.floor(at / inputs), at % inputs];
    ranks.forEach((rank, r) => {
      for (let output = 0; output < outputs; output++) {
        const channel = (outer * outputs + output) * inputs * ranks.length;
        const to = (channel + input * inputStep + r * rankStep) * taps;
        const from = rank * columns + output * taps;
        data.set(matrix.data.subarray(from, from + taps), to);
      }
    });
  });
  return data;
}
