import type { Argument, StageExpression } from "../ast.js";
import { refuse } from "./refuse.js";
import { Room, within } from "./room.js";
import type { Shape } from "./shapes.js";

/** How a value comes about. */
export type Origin =
  /** A model's input, by its name. */
  | { readonly kind: "input"; readonly name: string }
  /** What arrives at a body. */
  | { readonly kind: "arriving" }
  | {
      readonly kind: "pipe";
      readonly from: Value<Shape>;
      readonly stages: readonly StageExpression[];
    }
  | {
      readonly kind: "merge";
      readonly callee: string;
      readonly operands: readonly (Value<Shape> | number)[];
      readonly named: readonly Argument[];
    }
  /** One of several results. */
  | { readonly kind: "part"; readonly of: Value<Shape> };

/** A function of a value: a combinator's stage, or a block written as a function. */
export type StageOf<A, B> = (input: A) => B;

/** Any stage, whatever it takes. */
export type AnyStage = (input: never) => unknown;

/** A tensor in a model that is being built; its shape is known to the types alone. */
export class Value<S extends Shape> {
  declare readonly shape: S;
  /** The body that it is made in. */
  readonly room: Room;

  constructor(
    readonly origin: Origin,
    room?: Room,
  ) {
    this.room = room ?? Room.open();
    this.room.add(this);
  }

  /** Passes the value through stages in order; a function among them is a block, with a scope of its own. */
  pipe(): Value<S>;
  pipe<A>(a: StageOf<Value<S>, A>): A;
  pipe<A, B>(a: StageOf<Value<S>, A>, b: StageOf<A, B>): B;
  pipe<A, B, C>(a: StageOf<Value<S>, A>, b: StageOf<A, B>, c: StageOf<B, C>): C;
  pipe<A, B, C, D>(
    a: StageOf<Value<S>, A>,
    b: StageOf<A, B>,
    c: StageOf<B, C>,
    d: StageOf<C, D>,
  ): D;
  pipe<A, B, C, D, E>(
    a: StageOf<Value<S>, A>,
    b: StageOf<A, B>,
    c: StageOf<B, C>,
    d: StageOf<C, D>,
    e: StageOf<D, E>,
  ): E;
  pipe<A, B, C, D, E, F>(
    a: StageOf<Value<S>, A>,
    b: StageOf<A, B>,
    c: StageOf<B, C>,
    d: StageOf<C, D>,
    e: StageOf<D, E>,
    f: StageOf<E, F>,
  ): F;
  pipe<A, B, C, D, E, F, G>(
    a: StageOf<Value<S>, A>,
    b: StageOf<A, B>,
    c: StageOf<B, C>,
    d: StageOf<C, D>,
    e: StageOf<D, E>,
    f: StageOf<E, F>,
    g: StageOf<F, G>,
  ): G;
  pipe<A, B, C, D, E, F, G, H>(
    a: StageOf<Value<S>, A>,
    b: StageOf<A, B>,
    c: StageOf<B, C>,
    d: StageOf<C, D>,
    e: StageOf<D, E>,
    f: StageOf<E, F>,
    g: StageOf<F, G>,
    h: StageOf<G, H>,
  ): H;
  pipe(...stages: readonly AnyStage[]): unknown {
    if (stages.length === 0) return this;
    const written = stages.map(writtenOf);
    const parts = written.at(-1)?.parts;
    const expressions = written.map(({ expression }) => expression);
    const value = new Value<Shape>({ kind: "pipe", from: this, stages: expressions });
    if (parts === undefined) return value;
    return value.room.split(value, parts);
  }
}

/** A stage as syntax, and how many results it has where those are several. */
export interface Written {
  readonly expression: StageExpression;
  readonly parts?: number | undefined;
}

const writtenStages = new WeakMap<AnyStage, Written>();

/** Notes what a combinator's stage writes. */
export function writes(stage: AnyStage, written: Written): void {
  writtenStages.set(stage, written);
}

/** What a stage writes; a plain function is run on what arrives, and writes a body. */
export function writtenOf(stage: AnyStage): Written {
  if (typeof stage !== "function") return refuse(stage, "a stage is a combinator or a function");
  const known = writtenStages.get(stage);
  if (known) return known;
  const body = within(new Room(Room.current()), (room) => {
    const arriving = new Value<Shape>({ kind: "arriving" }, room);
    const result: unknown = Reflect.apply(stage, undefined, [arriving]);
    if (result instanceof Value) return room.body(result);
    return refuse(result, "a block's function gives a value");
  });
  return { expression: { kind: "body", label: undefined, body, span: body.span } };
}
