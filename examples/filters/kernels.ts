/** A kernel's number at a place measured from its middle, output and input channel. */
type Formula = (y: number, x: number, output: number, input: number) => number;

/** A kernel `[outputs, inputs, side, side]` of the formula's numbers, in float32. */
export interface FixedKernel {
  readonly shape: readonly [number, number, number, number];
  readonly data: Float32Array;
}

function kernelOf(outputs: number, inputs: number, side: number, formula: Formula): FixedKernel {
  const shape = [outputs, inputs, side, side] as const;
  const data = new Float32Array(outputs * inputs * side * side);
  let at = 0;
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let row = 0; row < side; row++) {
        for (let column = 0; column < side; column++) {
          const [y, x] = [row - (side - 1) / 2, column - (side - 1) / 2];
          data[at++] = formula(y, x, output, input);
        }
      }
    }
  }
  return { shape, data };
}

/** How bright a colour looks: red, green, blue (ITU-R BT.601). */
const brightness = [0.299, 0.587, 0.114];

/** The bell curve of a width, its sum 1 over the plane. */
const gauss = (y: number, x: number, sigma: number): number =>
  Math.exp(-(y * y + x * x) / (2 * sigma ** 2)) / (2 * Math.PI * sigma ** 2);

const blur = kernelOf(3, 1, 15, (y, x) => gauss(y, x, 2.5));

/** Binomial smoothing along one axis and its slope along the other, five taps long. */
const [smooth, slope] = [
  [1, 4, 6, 4, 1],
  [-1, -2, 0, 2, 1],
];
const sobel = kernelOf(2, 3, 5, (y, x, output, input) => {
  const [along, across] = output === 0 ? [x, y] : [y, x];
  return brightness[input]! * (slope[along + 2]! / 8) * (smooth[across + 2]! / 16);
});

/** Outputs 2d and 2d + 1 are the even and the odd wave in direction d of eight. */
const gabor = kernelOf(16, 3, 7, (y, x, output, input) => {
  const angle = (Math.floor(output / 2) * Math.PI) / 8;
  const phase = 2 * Math.PI * 0.2 * (x * Math.cos(angle) + y * Math.sin(angle));
  const wave = output % 2 === 0 ? Math.cos(phase) : Math.sin(phase);
  return brightness[input]! * gauss(y, x, 1.6) * wave;
});

/** How much of a pixel reaches another that is a share of a pixel's distance away. */
const nearness = (distance: number): number => Math.max(0, 1 - Math.abs(distance) / 4);
const bilinear = kernelOf(16, 1, 8, (y, x) => nearness(y) * nearness(x));

const log = kernelOf(3, 1, 11, (y, x) => {
  const share = (y * y + x * x) / (2 * 1.6 ** 2);
  return (gauss(y, x, 1.6) * (share - 1)) / 1.6 ** 2;
});

/** The kernel of each model of filters.cnn, by the name of its file. */
export const kernels: Readonly<Record<string, FixedKernel>> = { blur, sobel, gabor, bilinear, log };
