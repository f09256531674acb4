import type { Body, Expression, StageExpression, Statement } from "../ast.js";
import {
  makeArgument,
  makeBody,
  makeCall,
  makeCurrent,
  makeLet,
  makeNumber,
  makePipeline,
  makeStatement,
} from "../make-syntax.js";
import { refuse } from "./refuse.js";
import type { Shape } from "./shapes.js";
import { Value } from "./value.js";

let open: Room | undefined;

/** Runs what fills a body. */
export function within<T>(room: Room, fill: (room: Room) => T): T {
  const outer = open;
  open = room;
  try {
    return fill(room);
  } finally {
    open = outer;
  }
}

/**
 * The values of one `{ … }` in the order in which they are made, which is the order in which their stages
 * are written and numbered. A value that is used once, right behind, is written where it is used; the
 * others get names.
 */
export class Room {
  readonly #values: Value<Shape>[] = [];
  readonly #names = new Map<Value<Shape>, string>();
  readonly #parts = new Map<Value<Shape>, readonly Value<Shape>[]>();
  readonly #taken: Set<string>;

  constructor(
    readonly outer: Room | undefined,
    taken: Iterable<string> = [],
  ) {
    this.#taken = outer ? outer.#taken : new Set(taken);
  }

  static current(): Room | undefined {
    return open;
  }

  /** The body that is being filled. */
  static open(): Room {
    return open ?? refuse(undefined, "values are made inside of the function that model is given");
  }

  add(value: Value<Shape>): void {
    this.#values.push(value);
  }

  /** The results of a stage that has several. */
  split(of: Value<Shape>, count: number): readonly Value<Shape>[] {
    const parts = Array.from({ length: count }, () => new Value<Shape>({ kind: "part", of }, this));
    this.#parts.set(of, parts);
    return parts;
  }

  /** Everything up to the result, as the body of a stage. */
  body(result: Value<Shape>): Body {
    const { statements, write } = this.#write([result]);
    const value = write(result);
    const shown =
      value.kind === "pipeline" && value.first.kind === "current" ? stagesOf(value) : value;
    return makeBody([...statements, makeStatement(shown)]);
  }

  /** Everything up to the results, and how each of them is written behind. */
  results(values: readonly Value<Shape>[]): {
    readonly statements: readonly Statement[];
    write(value: Value<Shape>): Expression;
  } {
    return this.#write(values);
  }

  #nameOf(value: Value<Shape>): string {
    const { origin } = value;
    if (origin.kind === "input") return origin.name;
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    let number = 1;
    while (this.#taken.has(`v${number}`)) number++;
    const name = `v${number}`;
    this.#taken.add(name);
    this.#names.set(value, name);
    return name;
  }

  #write(results: readonly Value<Shape>[]) {
    const uses = this.#countUses(results);
    const statements: Statement[] = [];
    let pending: { readonly value: Value<Shape>; readonly written: Expression }[] = [];
    const flush = () => {
      for (const { value, written } of pending) {
        statements.push(makeLet([this.#nameOf(value)], written));
      }
      pending = [];
    };
    const take = (wanted: readonly Value<Shape>[]): Map<Value<Shape>, Expression> => {
      const inline = wanted.filter((value) => pending.some((one) => one.value === value));
      const tail = pending.slice(pending.length - inline.length);
      if (tail.some(({ value }, index) => value !== inline[index])) {
        flush();
        return new Map();
      }
      pending = pending.slice(0, pending.length - inline.length);
      return new Map(tail.map(({ value, written }) => [value, written]));
    };
    for (const value of this.#values) {
      const { origin } = value;
      if (origin.kind === "arriving" && this.#names.has(value)) {
        statements.push(makeLet([this.#nameOf(value)], makeCurrent("it")));
      }
      if (origin.kind !== "pipe" && origin.kind !== "merge") continue;
      const inline = take(operandsOf(value));
      const written = this.#expression(value, inline);
      const parts = this.#parts.get(value);
      if (parts) {
        flush();
        statements.push(
          makeLet(
            parts.map((part) => this.#nameOf(part)),
            written,
          ),
        );
        continue;
      }
      if (uses.get(value) !== 1 || this.#names.has(value)) flush();
      pending.push({ value, written });
      if (uses.get(value) !== 1 || this.#names.has(value)) flush();
    }
    const inline = take(results);
    return { statements, write: (value: Value<Shape>) => inline.get(value) ?? this.#read(value) };
  }

  #countUses(results: readonly Value<Shape>[]): ReadonlyMap<Value<Shape>, number> {
    const uses = new Map<Value<Shape>, number>();
    for (const value of [...this.#values.flatMap(operandsOf), ...results]) {
      uses.set(value, (uses.get(value) ?? 0) + 1);
    }
    return uses;
  }

  #expression({ origin }: Value<Shape>, inline: ReadonlyMap<Value<Shape>, Expression>): Expression {
    const write = (value: Value<Shape>) => inline.get(value) ?? this.#read(value);
    if (origin.kind === "pipe") {
      const from = write(origin.from);
      return from.kind === "pipeline"
        ? makePipeline(from.first, [...from.stages, ...origin.stages])
        : makePipeline(from, origin.stages);
    }
    if (origin.kind !== "merge") return makeCurrent("it");
    const operands = origin.operands.map((operand) =>
      makeArgument(typeof operand === "number" ? makeNumber(operand) : write(operand)),
    );
    return makeCall(origin.callee, [...operands, ...origin.named]);
  }

  /** A value where it is read: by its name, or as what arrives. */
  #read(value: Value<Shape>): Expression {
    if (value.room !== this) return makeCall(value.room.nameOutside(value, this));
    const isArriving = value.origin.kind === "arriving" && !this.#names.has(value);
    return isArriving ? makeCurrent("it") : makeCall(this.#nameOf(value));
  }

  /** The name by which an inner body reads a value of this one. */
  nameOutside(value: Value<Shape>, inner: Room): string {
    for (let at: Room | undefined = inner; at; at = at.outer)
      if (at === this) return this.#nameOf(value);
    return refuse(
      undefined,
      "a value is used in the model, and in the function, that it is made in",
    );
  }
}

function operandsOf({ origin }: Value<Shape>): readonly Value<Shape>[] {
  if (origin.kind === "pipe") return [origin.from];
  if (origin.kind !== "merge") return [];
  return origin.operands.flatMap((operand) => (typeof operand === "number" ? [] : [operand]));
}

/** A pipeline from what arrives, without that. */
function stagesOf(at: { readonly stages: readonly StageExpression[] }): Expression {
  const [first, ...rest] = at.stages;
  return first ? makePipeline(first, rest) : makeCurrent("it");
}
