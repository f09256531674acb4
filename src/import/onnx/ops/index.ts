import { activationReaders } from "./activate.js";
import { argReaders } from "./arg.js";
import { arithmeticReaders } from "./arithmetic.js";
import { constantReaders } from "./constants.js";
import { convReaders } from "./conv.js";
import { indexReaders } from "./index-ops.js";
import { linearReaders } from "./linear.js";
import { logicReaders } from "./logic.js";
import { normaliseReaders } from "./normalise.js";
import { poolReaders } from "./pool.js";
import { quantiseReaders } from "./quantise.js";
import type { OpReader, OpReaders } from "./reader.js";
import { reduceReaders } from "./reduce.js";
import { resizeReaders } from "./resize.js";
import { shapeReaders } from "./shape.js";

const readers: OpReaders = {
  ...activationReaders,
  ...argReaders,
  ...arithmeticReaders,
  ...constantReaders,
  ...convReaders,
  ...indexReaders,
  ...linearReaders,
  ...logicReaders,
  ...normaliseReaders,
  ...poolReaders,
  ...quantiseReaders,
  ...reduceReaders,
  ...resizeReaders,
  ...shapeReaders,
};

/** The operators that can be read. */
export const onnxOperators: readonly string[] = Object.keys(readers);

/** The reader of an operator of the standard set; undefined where there is none. */
export const readerOf = (opType: string): OpReader | undefined =>
  Object.hasOwn(readers, opType) ? readers[opType] : undefined;
