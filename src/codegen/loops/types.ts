/**
 * The loop IR: a small typed imperative language between kernels and targets. Kernels are written
 * against a `KernelTarget`; the WebAssembly emitter, the TypeScript emitter and the interpreter all
 * read the same functions, so each checks the others.
 *
 * `floats` and `bytes` are addresses counted in f32 and u8 elements of one linear memory: the
 * emitters scale them (4 and 1 in WebAssembly, indices of a typed array in TypeScript). `f32` is
 * rounded after every operation in WebAssembly and held in double precision in TypeScript. Kernels keep
 * the results of i32 `add`, `sub`, `mul` and `neg` in range: WebAssembly wraps, TypeScript does not.
 */
export type LoopType = "i32" | "f32" | "f64" | "f32x4" | "i32x4" | "floats" | "bytes";

export interface Local {
  readonly name: string;
  readonly type: LoopType;
}

export type UnaryOp =
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "nearest"
  /** Of an i32: 1 when it is 0, else 0. Of a mask: every lane the other way round. */
  | "not"
  /** Mathematical functions, f32 and f32x4: expanded for WebAssembly (at most 4 ulp), `Math` in TypeScript. */
  | "exp"
  | "log"
  | "tanh"
  | "erf";

export type BinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  /** i32 only, towards zero. */
  | "rem"
  /** IEEE minimum and maximum (NaN wins, −0 < 0). */
  | "min"
  | "max"
  /** `b < a ? b : a` and `a < b ? b : a`: cheaper, the reference for NaN and −0 is this text. */
  | "pmin"
  | "pmax"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shr"
  /** f32 and f32x4, expanded as the functions above. */
  | "pow"
  /** Comparisons: i32 0 or 1 of scalars, an all-ones mask (i32x4) of vectors. */
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge";

export type Conversion =
  /** i32 to f32, i32x4 to f32x4, f32 to f64 and back (rounds); `bytes` loads give i32. */
  | "convert"
  /** f32 to i32, f32x4 to i32x4: towards zero, saturating, NaN to 0. */
  | "truncate"
  /** The bits, f32 to i32 and back, f32x4 to i32x4 and back. */
  | "reinterpret";

export type Expr =
  | { readonly kind: "const"; readonly type: LoopType; readonly value: number }
  | { readonly kind: "get"; readonly type: LoopType; readonly local: Local }
  | { readonly kind: "unary"; readonly type: LoopType; readonly op: UnaryOp; readonly a: Expr }
  | {
      readonly kind: "binary";
      readonly type: LoopType;
      readonly op: BinaryOp;
      readonly a: Expr;
      readonly b: Expr;
    }
  /** `a · b + c`, rounded twice; once where the target fuses. */
  | {
      readonly kind: "mulAdd";
      readonly type: LoopType;
      readonly a: Expr;
      readonly b: Expr;
      readonly c: Expr;
    }
  /** f32, f32x4 (unaligned is fine) from `floats`; i32 (one byte, unsigned) from `bytes`. Offsets in elements, never negative. */
  | {
      readonly kind: "load";
      readonly type: LoopType;
      readonly address: Expr;
      readonly offset: number;
    }
  /** One f32 into all four lanes. */
  | {
      readonly kind: "loadSplat";
      readonly type: "f32x4";
      readonly address: Expr;
      readonly offset: number;
    }
  | { readonly kind: "splat"; readonly type: "f32x4" | "i32x4"; readonly a: Expr }
  | { readonly kind: "lane"; readonly type: "f32" | "i32"; readonly a: Expr; readonly lane: number }
  /** Lanes 0-3 of `a`, 4-7 of `b`. */
  | {
      readonly kind: "shuffle";
      readonly type: "f32x4";
      readonly a: Expr;
      readonly b: Expr;
      readonly lanes: readonly [number, number, number, number];
    }
  /** `condition ? a : b`; a vector condition is a mask (lanes all ones or 0). Both sides are evaluated. */
  | {
      readonly kind: "select";
      readonly type: LoopType;
      readonly condition: Expr;
      readonly a: Expr;
      readonly b: Expr;
    }
  | {
      readonly kind: "convert";
      readonly type: LoopType;
      readonly how: Conversion;
      readonly a: Expr;
    }
  /** `base + by · scale`, counted in elements of the address. */
  | {
      readonly kind: "advance";
      readonly type: "floats" | "bytes";
      readonly base: Expr;
      readonly by: Expr;
      readonly scale: number;
    };

export type Stmt =
  | { readonly kind: "set"; readonly local: Local; readonly value: Expr }
  /** f32, f32x4 (`lanes` first lanes only, 4 unless told) to `floats`; i32's low byte to `bytes`. */
  | {
      readonly kind: "store";
      readonly address: Expr;
      readonly offset: number;
      readonly value: Expr;
      readonly lanes?: number;
    }
  /** `for (local = from; local < to; local += step)`, i32 or an address; the step is a positive constant in elements. `to` is evaluated once; the body sets neither `local` nor what `to` reads. */
  | {
      readonly kind: "for";
      readonly local: Local;
      readonly from: Expr;
      readonly to: Expr;
      readonly step: number;
      readonly body: readonly Stmt[];
    }
  | {
      readonly kind: "if";
      readonly condition: Expr;
      readonly then: readonly Stmt[];
      readonly otherwise: readonly Stmt[];
    }
  | { readonly kind: "comment"; readonly text: string };

/** One kernel, specialised to its shapes. Addresses come in as parameters, so layers of one shape share it. */
export interface LoopFunction {
  /** A valid identifier, unique in its module. */
  readonly name: string;
  /** What it computes, with shapes; one line. */
  readonly comment: string;
  readonly params: readonly Local[];
  readonly body: readonly Stmt[];
}

/** An argument of a scheduled call: a byte address in the memory, a number, or an end of the call's range. */
export type CallArgument =
  | { readonly kind: "address"; readonly bytes: number }
  | { readonly kind: "i32"; readonly value: number }
  | { readonly kind: "rangeStart" }
  | { readonly kind: "rangeEnd" };

/** The units (rows, channel blocks) of a call: parts of them can be computed one after another or by several threads. */
export interface CallRange {
  /** Units 0 to `units` are to be computed, each once. */
  readonly units: number;
  /** Into how many calls one thread cuts them, so that an engine can change to faster code in between. */
  readonly parts: number;
  /** The fewest units that are worth handing to another thread; absent where none are. */
  readonly least?: number;
}

export interface Call {
  readonly function: string;
  readonly arguments: readonly CallArgument[];
  /** What the call computes: the layer's path and operator. */
  readonly comment: string;
  /** Absent where the kernel takes no range: one call, by one thread. */
  readonly range?: CallRange;
}

/** Everything a target emits: kernels, and the calls that make one inference. */
export interface LoopModule {
  readonly functions: readonly LoopFunction[];
  /** Once, after the constants are in memory: forms of the weights that some kernels read. */
  readonly prepare: readonly Call[];
  readonly schedule: readonly Call[];
  /** Bytes of linear memory: constants first, then the arena and what `prepare` makes. */
  readonly memoryBytes: number;
}
