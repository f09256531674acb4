import { activating } from "./activate.js";
import { convolutions } from "./conv.js";
import type { OperatorTable } from "./definition.js";
import { normalising } from "./normalise.js";
import { pooling } from "./pool.js";
import { resample } from "./resample.js";
import { shaping } from "./shape.js";

/** The operators of the language; a new one is an entry of a family's file. */
export const operators: OperatorTable = new Map(
  [...convolutions, ...normalising, ...activating, ...pooling, ...shaping, resample].map(
    (operator) => [operator.name, operator],
  ),
);
