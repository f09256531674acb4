import { InternalError } from "../../diagnostics/report.js";
import { expressionFault } from "./check-expression.js";
import { runsAtLeastOnce } from "./trips.js";
import type {
  Call,
  CallArgument,
  CallRange,
  Expr,
  Local,
  LoopFunction,
  LoopModule,
  LoopType,
  Stmt,
} from "./types.js";
import { eachExpression, localsRead, localsSet } from "./walk.js";

type For = Extract<Stmt, { readonly kind: "for" }>;
type Store = Extract<Stmt, { readonly kind: "store" }>;

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Follows the statements of one function; knows which locals have a value on every way here. */
class Checker {
  readonly #types = new Map<string, LoopType>();

  constructor(readonly source: LoopFunction) {}

  run(): void {
    const { name, params, body } = this.source;
    if (!identifier.test(name) || name === "run") this.#fail("is no name for a function");
    const set = new Set<string>();
    for (const param of params) {
      if (set.has(param.name)) this.#fail(`has two parameters ${param.name}`);
      this.#declare(param);
      set.add(param.name);
    }
    this.#block(body, set);
  }

  #fail(what: string): never {
    throw new InternalError(`loop function ${this.source.name}: ${what}`);
  }

  #declare({ name, type }: Local): void {
    if (!identifier.test(name)) this.#fail(`${name} is no name for a local`);
    const known = this.#types.get(name) ?? type;
    if (known !== type) this.#fail(`${name} is ${known} and ${type}`);
    this.#types.set(name, type);
  }

  #expr(expr: Expr, set: ReadonlySet<string>): void {
    eachExpression(expr, (part) => {
      const fault = expressionFault(part);
      if (fault !== undefined) this.#fail(fault);
      if (part.kind !== "get") return;
      this.#declare(part.local);
      if (!set.has(part.local.name)) this.#fail(`${part.local.name} is read before it is set`);
    });
  }

  #block(body: readonly Stmt[], set: Set<string>): void {
    for (const statement of body) this.#statement(statement, set);
  }

  #statement(statement: Stmt, set: Set<string>): void {
    if (statement.kind === "set") {
      const { local, value } = statement;
      this.#expr(value, set);
      this.#declare(local);
      if (value.type !== local.type) this.#fail(`${local.name} is set to ${value.type}`);
      set.add(local.name);
    } else if (statement.kind === "store") {
      this.#store(statement, set);
    } else if (statement.kind === "for") {
      this.#loop(statement, set);
    } else if (statement.kind === "if") {
      this.#expr(statement.condition, set);
      if (statement.condition.type !== "i32") this.#fail(`if of ${statement.condition.type}`);
      const [then, otherwise] = [new Set(set), new Set(set)];
      this.#block(statement.then, then);
      this.#block(statement.otherwise, otherwise);
      for (const name of then) if (otherwise.has(name)) set.add(name);
    }
  }

  #store({ address, offset, value, lanes }: Store, set: ReadonlySet<string>): void {
    this.#expr(address, set);
    this.#expr(value, set);
    const wanted = value.type === "i32" ? "bytes" : "floats";
    const fits = ["i32", "f32", "f32x4"].includes(value.type) && address.type === wanted;
    if (!fits) this.#fail(`store of ${value.type} to ${address.type}`);
    if (!Number.isInteger(offset) || offset < 0) this.#fail(`store at offset ${offset}`);
    const partial = lanes === undefined || (value.type === "f32x4" && [1, 2, 3, 4].includes(lanes));
    if (!partial) this.#fail(`store of ${lanes} lanes of ${value.type}`);
  }

  #loop(loop: For, set: Set<string>): void {
    const { local, from, to, step, body } = loop;
    this.#expr(from, set);
    this.#expr(to, set);
    this.#declare(local);
    if (!["i32", "floats", "bytes"].includes(local.type)) this.#fail(`loop over ${local.type}`);
    if (from.type !== local.type || to.type !== local.type) {
      this.#fail(`loop ${local.name} from ${from.type} to ${to.type}`);
    }
    if (!Number.isInteger(step) || step < 1) this.#fail(`loop ${local.name} steps by ${step}`);
    const changed = localsSet(body);
    for (const name of [...localsRead(to), local.name]) {
      if (changed.has(name)) this.#fail(`loop ${local.name} changes ${name}`);
    }
    if (localsRead(to).has(local.name)) this.#fail(`loop ${local.name} is bounded by itself`);
    const inside = new Set(set).add(local.name);
    this.#block(body, inside);
    if (runsAtLeastOnce(loop)) for (const name of inside) set.add(name);
    set.delete(local.name);
  }
}

/**
 * Throws unless a function keeps the rules of the loop IR: types agree, locals have a value before they
 * are read and one type each, offsets are not negative, loops do not touch their own bounds.
 */
export function checkFunction(source: LoopFunction): void {
  new Checker(source).run();
}

/** What is wrong with an argument of a call; undefined when nothing is. */
function argumentFault(
  { name, type }: Local,
  argument: CallArgument,
  { range }: Call,
  memoryBytes: number,
): string | undefined {
  if (argument.kind === "rangeStart" || argument.kind === "rangeEnd") {
    if (type !== "i32") return `an end of the range for the ${type} ${name}`;
    return range ? undefined : `${name} is an end of a range that there is not`;
  }
  if (argument.kind === "i32") {
    if (type !== "i32") return `a number for the address ${name}`;
    return (argument.value | 0) === argument.value ? undefined : `${argument.value} is no i32`;
  }
  if (type !== "floats" && type !== "bytes") return `an address for the ${type} ${name}`;
  const unit = type === "floats" ? 4 : 1;
  if (!Number.isInteger(argument.bytes / unit)) return `${name} at unaligned ${argument.bytes}`;
  const inside = argument.bytes >= 0 && argument.bytes <= memoryBytes;
  return inside ? undefined : `${name} at ${argument.bytes}, outside the memory`;
}

const isRange = ({ units, parts }: CallRange): boolean =>
  Number.isInteger(units) && Number.isInteger(parts) && parts >= 1 && parts <= units;

function callFault(
  call: Call,
  kernel: LoopFunction | undefined,
  memoryBytes: number,
): string | undefined {
  if (!kernel) return "there is no such function";
  if (kernel.params.length !== call.arguments.length) {
    return `${call.arguments.length} arguments for ${kernel.params.length} parameters`;
  }
  if (call.range && !isRange(call.range)) {
    return `${call.range.units} units in ${call.range.parts} parts`;
  }
  for (const [i, argument] of call.arguments.entries()) {
    const param = kernel.params[i];
    const fault = param && argumentFault(param, argument, call, memoryBytes);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Throws unless all functions and calls of a module keep the rules; function names are unique. */
export function checkModule({ functions, prepare, schedule, memoryBytes }: LoopModule): void {
  const byName = new Map<string, LoopFunction>();
  for (const kernel of functions) {
    if (byName.has(kernel.name)) throw new InternalError(`two loop functions ${kernel.name}`);
    byName.set(kernel.name, kernel);
    checkFunction(kernel);
  }
  const whole = Number.isInteger(memoryBytes) && memoryBytes >= 0 && memoryBytes <= 2 ** 32;
  if (!whole) throw new InternalError(`a memory of ${memoryBytes} bytes`);
  for (const call of [...prepare, ...schedule]) {
    const fault = callFault(call, byName.get(call.function), memoryBytes);
    if (fault !== undefined) {
      throw new InternalError(`call of ${call.function} (${call.comment}): ${fault}`);
    }
  }
}
