import { compileStages } from "../compile.js";
import type { CompileOptions } from "../compile-options.js";
import type { Compiled } from "../compiled.js";
import { hasRelaxedSimd } from "../runtime/relaxed.js";
import type { Invocation } from "./command.js";

/** Compiles the model that a command names, says what goes on, and prints warnings. */
export async function compileModel(
  { positionals, printer }: Invocation,
  options: CompileOptions,
): Promise<Compiled> {
  const path = positionals[0]?.text ?? "";
  const compiled = await compileStages(path, options, (stage) =>
    printer.status(`${stage} ${path}`),
  );
  printer.clear();
  printer.diagnostics(compiled.diagnostics);
  return compiled;
}

/** `compileModel` for this process alone: kernels that it could not load are not made, unless they are asked for. */
export function compileToRun(invocation: Invocation, options: CompileOptions): Promise<Compiled> {
  const relaxed = options.relaxed ?? (hasRelaxedSimd() ? undefined : "off");
  return compileModel(invocation, { ...options, relaxed });
}
