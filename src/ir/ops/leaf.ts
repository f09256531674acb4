import { InternalError } from "../../diagnostics/report.js";
import { sizeOf, type TensorType } from "../types.js";
import type { Operator } from "./operator.js";

type None = Readonly<Record<never, never>>;

/** What a constant is to the network: trained, measured while training, or written as a number. */
export type Role = "parameter" | "statistic" | "literal";

export interface InputAttributes {
  readonly name: string;
  readonly type: TensorType;
}

/** A tensor that the caller gives on every run. */
export const input: Operator<None, InputAttributes> = {
  infer: (_, attrs) => [attrs.type],
  macs: () => 0,
  evaluate: () => {
    throw new InternalError("an input's value is given by the caller");
  },
};

export interface ParameterAttributes {
  /** The name in the weights file: `layer1.0.conv1.weight`. */
  readonly path: string;
  readonly role: Role;
  readonly shape: readonly number[];
}

/** A weight that is not bound yet; binding turns it into a constant. */
export const parameter: Operator<None, ParameterAttributes> = {
  infer: (_, attrs) => [{ element: "f32", shape: attrs.shape }],
  macs: () => 0,
  evaluate: () => {
    throw new InternalError("a parameter has no value before weights are bound");
  },
};

export interface ConstantAttributes {
  readonly role: Role;
  readonly shape: readonly number[];
  /** Row-major; shared, never written. */
  readonly data: Float32Array;
}

/** A tensor known at compile time. */
export const constant: Operator<None, ConstantAttributes> = {
  infer: (_, { shape, data }) => {
    if (data.length !== sizeOf(shape)) {
      throw new InternalError(`a constant of the shape [${shape}] holds ${data.length} numbers`);
    }
    return [{ element: "f32", shape }];
  },
  macs: () => 0,
  evaluate: (_, attrs) => [{ shape: attrs.shape, data: Float64Array.from(attrs.data) }],
};
