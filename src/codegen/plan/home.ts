import type { NodeOf } from "../../ir/graph.js";
import type { TensorType } from "../../ir/types.js";
import { type Halo, type Layout, noHalo } from "./layout.js";
import {
  type AxisOrder,
  denseLayout,
  denseSize,
  denseStart,
  reshapedStrides,
  widerHalo,
} from "./strides.js";

/** Whose memory a root is: planned, the caller's tensor, or data known at compile time. */
type RootKind = "arena" | "input" | "constant";

/** One contiguous piece of memory. Its halo grows while readers are asked, then everything is settled. */
export class Root {
  #halo: Halo = noHalo;
  #locked = false;
  #sharedWith: Root | undefined;

  constructor(
    readonly label: string,
    readonly kind: RootKind,
    readonly type: TensorType,
    readonly order: AxisOrder,
    /** What a constant root holds, row-major. */
    readonly data?: Float32Array,
  ) {}

  get canHaveHalo(): boolean {
    const isMap = this.type.shape.length === 4 && this.type.element === "f32";
    return isMap && this.order[3] === 1 && this.kind === "arena" && !this.#locked;
  }

  /** Whether something would still be true if there were a halo. */
  holdsWithHalo(isTrue: () => boolean): boolean {
    if (!this.canHaveHalo) return true;
    const own = this.#halo;
    this.#halo = { top: 1, left: 1, bottom: 1, right: 1 };
    const holds = isTrue();
    this.#halo = own;
    return holds;
  }

  /** From here on nothing may lie between its elements. */
  lock(): void {
    this.#locked = true;
  }

  get halo(): Halo {
    return this.#halo;
  }

  widen(halo: Halo): void {
    this.#halo = widerHalo(this.#halo, halo);
  }

  /** The root whose memory this one takes over: itself, unless it is written over another. */
  get memory(): Root {
    return this.#sharedWith?.memory ?? this;
  }

  /** The root that this one is written over, if any. */
  get takenFrom(): Root | undefined {
    return this.#sharedWith;
  }

  /** Lies where `root` does, which is dead once this is written. */
  takeOver(root: Root): void {
    this.#sharedWith = root;
  }

  get layout(): Layout {
    return denseLayout(this.type, this.order, this.#halo);
  }

  /** Bytes of its elements and its halo. */
  get bytes(): number {
    return denseSize(this.layout) * (this.type.element === "f32" ? 4 : 1);
  }

  /** Elements from the start of its memory to element 0. */
  get start(): number {
    return denseStart(this.layout);
  }
}

/** Where a value's elements lie in a root. */
interface Located {
  readonly strides: readonly number[];
  /** Elements from the root's element 0 to the value's. */
  readonly offset: number;
}

/** A value's place: a root, or a view of one that follows it when its halo grows. */
export interface Home {
  readonly type: TensorType;
  readonly root: Root;
  /** Whether the root's halo is one around this value. */
  readonly sharesHalo: boolean;
  locate(): Located;
}

export const rootHome = (root: Root): Home => ({
  type: root.type,
  root,
  sharesHalo: true,
  locate: () => ({ strides: root.layout.strides, offset: 0 }),
});

/** Whether a value is a whole root rather than a part or view of one. */
export const isWhole = ({ root, type, locate }: Home): boolean =>
  type === root.type && locate().offset === 0;

/** The home's layout as it stands. */
export const layoutOf = (home: Home): Layout => ({
  type: home.type,
  strides: home.locate().strides,
  halo: home.sharesHalo ? home.root.halo : noHalo,
});

/** Elements from `start` on along one axis: an operand of a concatenation, a result of a split. */
export function partOf(whole: Home, type: TensorType, axis: number, start: number): Home {
  const alongImage = type.shape.length === 4 && axis >= 2;
  return {
    type,
    root: whole.root,
    sharesHalo: whole.sharesHalo && !alongImage,
    locate: () => {
      const { strides, offset } = whole.locate();
      return { strides, offset: offset + start * strides[axis]! };
    },
  };
}

export function slicedHome(whole: Home, { attrs, results }: NodeOf<"slice">): Home {
  const { starts, sizes, steps } = attrs;
  const isImageWhole = [2, 3].every(
    (axis) => starts[axis] === 0 && sizes[axis] === whole.type.shape[axis],
  );
  return {
    type: results[0]!.type,
    root: whole.root,
    sharesHalo: whole.sharesHalo && isImageWhole && steps.every((step) => step === 1),
    locate: () => {
      const { strides, offset } = whole.locate();
      return {
        strides: strides.map((stride, axis) => stride * steps[axis]!),
        offset: strides.reduce((sum, stride, axis) => sum + stride * starts[axis]!, offset),
      };
    },
  };
}

export const transposedHome = (whole: Home, { attrs, results }: NodeOf<"transpose">): Home => ({
  type: results[0]!.type,
  root: whole.root,
  sharesHalo: false,
  locate: () => {
    const { strides, offset } = whole.locate();
    return { strides: attrs.permutation.map((axis) => strides[axis]!), offset };
  },
});

/** The same elements under another shape; undefined where they do not lie so. May keep halos away. */
export function reshapedHome(whole: Home, type: TensorType): Home | undefined {
  const strides = (): readonly number[] | undefined =>
    reshapedStrides({ shape: whole.type.shape, strides: whole.locate().strides }, type.shape);
  if (strides() === undefined) return undefined;
  if (!whole.root.holdsWithHalo(() => strides() !== undefined)) whole.root.lock();
  return {
    type,
    root: whole.root,
    sharesHalo: false,
    locate: () => ({ strides: strides() ?? [], offset: whole.locate().offset }),
  };
}
