import { loadCompiled } from "./compiled.mjs";

/** The compiled module with vectors of 256 bits, where the engine can be brought to use them. */
export async function load(folder, { threads }) {
  const { model, ...engine } = await loadCompiled(folder, "cnnc", { threads, wide: true });
  const reason = model.variant === "wide" ? model.threadsReason : `runs as ${model.variant}`;
  return { ...engine, reason };
}
