/** Coefficients of `erf(x) / x` in `x²`, for |x| < 1. */
export const erfNear: readonly number[] = [
  1.1283791670955126, -0.37612638903183543, 0.11283791670945006, -0.02686617064323777,
  0.0052239776071164225, -0.0008548325975389692, 0.00012055294904839707, -1.492473690741966e-5,
  1.6447424703317362e-6, -1.6208483801871705e-7, 1.3720064546777686e-8, -7.795898827002142e-10,
];

/** Coefficients of `exp(a²) · erfc(a)` in `1 / (1 + a / 2)`, for a ≥ 1. */
export const erfFar: readonly number[] = [
  7.524465272315762e-6, 0.28189593574674626, 0.28443625051558047, 0.23068149290470089,
  0.24836233628176344, -0.13200075166476719, 0.42806556626822867, -0.6080568419847349,
  0.32348528786689523, -0.04894731030709526, -0.007969158732419726,
];

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

/** The error function in double precision, within 1e-11; what emitted TypeScript computes. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 1) return x * horner(erfNear, x * x);
  const tail = Math.exp(-a * a) * horner(erfFar, 1 / (1 + a / 2));
  return x < 0 ? tail - 1 : 1 - tail;
}
