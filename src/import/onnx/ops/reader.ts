import type { Item } from "../item.js";
import type { NodeReader } from "../node-reader.js";

/** Reads one node: its results, in the order of its outputs. Those that are left out are not computed. */
export type OpReader = (node: NodeReader) => Item | readonly Item[];

/** Readers by operator. */
export type OpReaders = Readonly<Record<string, OpReader>>;
