import { error, warning } from "./entry.js";

/** A section of a `.cfg` file as messages call it, and a key in it. */
export interface CfgOption {
  readonly section: string;
  readonly key: string;
}

/** One layer of a list of layers that cannot be compiled. */
export interface ListedLayer {
  readonly index: number;
  readonly section: string;
  readonly line: number;
  readonly problem: string;
}

const listed = (layers: readonly ListedLayer[]): string =>
  layers
    .map(
      ({ index, section, line, problem }) =>
        `\n  layer ${index} ${section}, line ${line}: ${problem}`,
    )
    .join("");

/** CNN53x: Darknet's `.cfg` and `.weights` files. */
export const darknet = {
  "cfg-line-unreadable": error<{ text: string }>(
    "CNN530",
    ({ text }) => `${JSON.stringify(text)} is no [section], no key=value and no comment`,
  ),
  "cfg-no-net": error<{ file: string }>(
    "CNN531",
    ({ file }) => `${file}: a network begins with a [net] section, and layers follow it`,
  ),
  "cfg-option-value": error<CfgOption & { value: string; wanted: string }>(
    "CNN532",
    ({ section, key, value, wanted }) =>
      `${section}: ${key} must be ${wanted}, not ${JSON.stringify(value)}`,
  ),
  "cfg-option-missing": error<CfgOption & { wanted: string }>(
    "CNN533",
    ({ section, key, wanted }) => `${section}: ${key} is missing, which must be ${wanted}`,
  ),
  "cfg-option-repeated": warning<CfgOption & { first: string; second: string }>(
    "CNN534",
    ({ section, key, first, second }) =>
      `${section}: ${key} is ${JSON.stringify(first)} already; ${JSON.stringify(second)} is not read`,
    () => "Darknet takes the first of them: remove the other",
  ),
  "cfg-layer-reference": error<CfgOption & { reference: number; problem: string }>(
    "CNN535",
    ({ section, key, reference, problem }) =>
      `${section}: ${key} names layer ${reference}, but ${problem}`,
  ),
  "cfg-layer-unfit": error<{ section: string; problem: string }>(
    "CNN536",
    ({ section, problem }) => `${section}: ${problem}`,
  ),
  "cfg-layers-unsupported": error<{ file: string; layers: readonly ListedLayer[] }>(
    "CNN537",
    ({ file, layers }) =>
      `${file}: ${layers.length} layer${layers.length === 1 ? "" : "s"} cannot be compiled:${listed(layers)}`,
  ),
  "cfg-too-many-layers": error<{ file: string; limit: number }>(
    "CNN538",
    ({ file, limit }) => `${file}: there are more than ${limit} layers, the most there can be`,
  ),
  "darknet-weights-size": error<{ file: string; wanted: number; has: number; version: string }>(
    "CNN539",
    ({ file, wanted, has, version }) =>
      `${file}: the network takes ${wanted} bytes of weights (version ${version}, header included), the file has ${has}`,
    ({ wanted, has }) =>
      has < wanted
        ? "the file is truncated, or it belongs to another .cfg"
        : "the file belongs to another .cfg",
  ),
};
