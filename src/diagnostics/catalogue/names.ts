/** CNN2xx: names that are unknown, taken or misplaced. */
export const names = {};
