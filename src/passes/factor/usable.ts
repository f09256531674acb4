/** Whether a kernel's weights are finite and not all zero: a plain loop, because weights are long. */
export function isUsable(weight: Float32Array): boolean {
  let sum = 0;
  for (let at = 0; at < weight.length; at++) sum += Math.abs(weight[at]!);
  return sum > 0 && Number.isFinite(sum);
}
