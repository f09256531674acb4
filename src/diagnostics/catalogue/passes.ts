/** CNN6xx: passes and grants. */
export const passes = {};
