/** CNN7xx: run time, inputs and images. */
export const runtime = {};
