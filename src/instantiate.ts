import { encodeBase64 } from "./codegen/package/base64.js";
import type { Compiled } from "./compiled.js";
import { InternalError } from "./diagnostics/report.js";
import type { LoadedModel } from "./runtime/model.js";
import { hasRelaxedSimd } from "./runtime/relaxed.js";

/** What `instantiate` takes. */
export interface InstantiateOptions {
  /** Threads to use at most; 1 unless told. */
  readonly threads?: number | undefined;
  /** Whether kernels of 256 bits are wanted, where Node has them. */
  readonly wide?: boolean | undefined;
}

/** The exports of a compiled module. */
interface ModelModule {
  load(options: Readonly<Record<string, unknown>>): Promise<LoadedModel>;
}

/** Loads a compiled model in memory: the very module that \`write\` would write, without files. */
export async function instantiate(
  compiled: Compiled,
  options: InstantiateOptions = {},
): Promise<LoadedModel> {
  const { name, files } = compiled;
  const source = files.get(`${name}.js`);
  if (!source) throw new InternalError(`the compiled model ${name} has no module`);
  const url = `data:text/javascript;base64,${encodeBase64(source)}`;
  const module: ModelModule = await import(/* @vite-ignore */ url);
  const relaxed = !options.wide && hasRelaxedSimd() ? files.get(`${name}.relaxed.wasm`) : undefined;
  const wasm = relaxed ?? files.get(`${name}.wasm`);
  const weights = files.get(`${name}.weights.bin`);
  return module.load({
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.wide === undefined ? {} : { wide: options.wide }),
    ...(wasm ? { wasm } : {}),
    ...(weights ? { weights } : {}),
  });
}
