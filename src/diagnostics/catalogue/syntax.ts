/** CNN1xx: what the parser says. */
export const syntax = {};
