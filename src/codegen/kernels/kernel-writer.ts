import type { Value } from "../../ir/graph.js";
import { FunctionBuilder, type Variable } from "../loops/build.js";
import type { Kernel, KernelArgument } from "./algorithm.js";
import type { Range } from "./strided-loops.js";

/** One kind of argument. */
type ArgumentOf<K extends KernelArgument["kind"]> = Extract<KernelArgument, { readonly kind: K }>;

/** Writes one kernel: each parameter is declared together with what the plan passes for it. */
export class KernelWriter {
  readonly f: FunctionBuilder;
  readonly #arguments: KernelArgument[] = [];
  #units = 1;

  constructor(name: string, comment: string) {
    this.f = new FunctionBuilder(name, comment);
  }

  #param(name: string, type: "floats" | "bytes" | "i32", argument: KernelArgument): Variable {
    this.#arguments.push(argument);
    return this.f.param(name, type);
  }

  /** The address of an operand. */
  operand(name: string, value: Value): Variable {
    const type = value.type.element === "u8" ? "bytes" : "floats";
    return this.#param(name, type, { kind: "operand", value });
  }

  /** The address of a result. */
  result(name: string, index = 0): Variable {
    return this.#param(name, "floats", { kind: "result", index });
  }

  /** The address of numbers that are known at compile time. */
  packed(name: string, label: string, data: Float32Array): Variable {
    return this.#param(name, "floats", { kind: "packed", label, data });
  }

  /** The address of a form of such numbers that is made when the model is loaded. */
  derived(name: string, form: Omit<ArgumentOf<"derived">, "kind">): Variable {
    return this.#param(name, "floats", { kind: "derived", ...form });
  }

  /** The address of memory for one call; kernels that are given the same object share it. */
  scratch(name: string, memory: ArgumentOf<"scratch">): Variable {
    return this.#param(name, "floats", memory);
  }

  /** The bounds of a call's units; none when there is one unit only. */
  range(units: number): Range | undefined {
    if (units <= 1) return undefined;
    this.#units = units;
    const start = this.#param("start", "i32", { kind: "rangeStart" });
    return { start, end: this.#param("end", "i32", { kind: "rangeEnd" }) };
  }

  /** The finished kernel. */
  done(): Kernel {
    return { function: this.f.done(), arguments: this.#arguments, units: this.#units };
  }
}
