import { loadCompiled } from "./compiled.mjs";

/** The module of the TypeScript target: JavaScript on typed arrays. */
export const load = (folder) => loadCompiled(folder, "typescript", {});
