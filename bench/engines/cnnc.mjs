import { loadCompiled } from "./compiled.mjs";

/** The compiled module. */
export async function load(folder, { threads }) {
  const { model, ...engine } = await loadCompiled(folder, "cnnc", { threads });
  const reason = model.threads === threads ? undefined : (model.threadsReason ?? "no reason given");
  return { ...engine, reason };
}
