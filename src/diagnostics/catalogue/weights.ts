/** CNN4xx: weights and labels files. */
export const weights = {};
