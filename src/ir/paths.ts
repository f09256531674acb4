/** Whether a parameter path is a scope's, or one inside it; the empty scope holds all. */
export const isWithin = (path: string, scope: string): boolean =>
  scope === "" || path === scope || path.startsWith(`${scope}.`);
