/** CNN8xx: limits. */
export const limits = {};
