/** What a model's module knows of itself; written into it by the compiler. */
export interface Description {
  readonly name: string;
  readonly inputs: readonly InputDescription[];
  readonly outputs: readonly TensorDescription[];
  /** The names of the classes, when the model has them. */
  readonly labels?: readonly string[];
  /** Multiply-accumulates of one run. */
  readonly macs: number;
  /** Bytes of the weights file, where in memory it is loaded, and bytes of all memory. */
  readonly weightBytes: number;
  readonly weightAddress: number;
  readonly memoryBytes: number;
  /** Whether the kernels are for several threads too. */
  readonly shareable?: boolean;
  /** Content hashes of the constants and of the kernels where those are a file of their own. */
  readonly hash: {
    readonly weights: string;
    readonly kernels?: string;
    /** Of the kernels with fused multiply-adds. */
    readonly relaxed?: string;
  };
}

/** A tensor that goes in or comes out: row-major, at byte `address` of the memory. */
export interface TensorDescription {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "uint8";
  readonly layout: string;
  readonly address: number;
}

/** An input; `picture` is set when it takes pictures. */
export interface InputDescription extends TensorDescription {
  readonly picture?: PictureSettings;
}

/** How a picture becomes an input: what bytes 0 and 255 map to, then `(x - mean) / std` per channel. */
export interface PictureSettings {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly range: readonly [number, number];
  readonly order: "rgb" | "bgr";
  readonly resize: "stretch" | "cover" | "contain";
}

/** Which kernels compute: of plain SIMD, with fused multiply-adds, with wider vectors, or JavaScript. */
export type Variant = "baseline" | "relaxed" | "wide" | "typescript";

/** Which kernels a model has got, and why they are not the wide ones that were asked for. */
export interface Kernels {
  readonly variant: Variant;
  readonly wideReason?: string | undefined;
}

/** The kernels over their memory. */
export interface Engine {
  readonly buffer: ArrayBufferLike;
  /** How many threads compute, and why they are not as many as were asked for. */
  readonly threads: number;
  readonly threadsReason: string | undefined;
  /** One inference, from the inputs' addresses to the outputs'. */
  infer(): void;
  /** Ends the threads beside the caller's. */
  stop?(): void;
}
