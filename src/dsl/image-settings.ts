import type { Span } from "../diagnostics/diagnostic.js";
import { nearest } from "../diagnostics/nearest.js";
import type { ImageSettings } from "../ir/graph.js";
import { argumentDatum, readAs } from "./arguments.js";
import type { InputStatement, Setting } from "./ast.js";
import { enumerate } from "./enumerate.js";
import type { Expansion, Frame } from "./expansion.js";
import { type BatchSize, batchSize, type Kind, word } from "./operators/kinds.js";
import { type Datum, isNumeric, printShape } from "./values.js";

const numbers = (phrase: string, holds: (x: number) => boolean): Kind<readonly number[]> => ({
  phrase,
  read: (datum) => {
    const items: readonly Datum[] = datum.kind === "list" ? datum.items : [datum];
    const values = items.flatMap((item) =>
      isNumeric(item) && holds(item.value) ? item.value : [],
    );
    return values.length === items.length && values.length > 0 ? values : undefined;
  },
});

const kinds = {
  mean: numbers("a list of numbers, one for each channel", () => true),
  std: numbers("a list of numbers greater than 0, one for each channel", (x) => x > 0),
  range: numbers("a list of two numbers, what 0 and 255 map to", () => true),
  order: word("rgb", "bgr"),
  resize: word("stretch", "cover", "contain"),
  batch: batchSize,
};

type SettingName = keyof typeof kinds;
const settingNames: readonly SettingName[] = ["mean", "std", "range", "order", "resize", "batch"];

/** The settings of an input, read; what is missing has its default later. */
type Written = { -readonly [N in keyof ImageSettings]?: ImageSettings[N] | undefined } & {
  batch?: BatchSize | undefined;
};

function perChannel(
  x: Expansion,
  setting: string,
  values: readonly number[],
  channels: number,
  span: Span,
): readonly number[] | undefined {
  if (values.length === channels) return values;
  if (values.length === 1) return Array<number>(channels).fill(values[0] ?? 0);
  x.fail("channel-count", { setting, channels, count: values.length }, span);
  return undefined;
}

function readRange(
  x: Expansion,
  values: readonly number[],
  span: Span,
): ImageSettings["range"] | undefined {
  const [low, high, more] = values;
  if (low !== undefined && high !== undefined && more === undefined && low !== high)
    return [low, high];
  const details = {
    parameter: "range",
    callee: "the input",
    wanted: "a list of two different numbers",
  };
  x.fail("wrong-argument", { ...details, actual: printShape(values) }, span);
  return undefined;
}

function readSetting(
  x: Expansion,
  name: SettingName,
  { value }: Setting,
  frame: Frame,
  channels: number,
  into: Written,
): void {
  const datum = argumentDatum(x, kinds[name], value, frame);
  const about = { parameter: name, callee: "the input", span: value.span };
  if (name === "order") into.order = readAs(x, kinds.order, datum, about)?.value;
  else if (name === "resize") into.resize = readAs(x, kinds.resize, datum, about)?.value;
  else if (name === "batch") into.batch = readAs(x, kinds.batch, datum, about)?.value;
  else {
    const read = readAs(x, kinds[name], datum, about);
    if (!read) return;
    if (name === "range") into.range = readRange(x, read.value, value.span);
    else into[name] = perChannel(x, name, read.value, channels, value.span);
  }
}

const isPicture = (shape: readonly number[]): boolean =>
  shape.length === 3 && (shape[0] === 1 || shape[0] === 3);

function refuseSetting(
  x: Expansion,
  setting: Setting,
  shape: readonly number[],
  bytes: boolean,
): boolean {
  const name = setting.name.text;
  if (name === "batch") return false;
  const needsPicture = !bytes || name === "order" || name === "resize";
  if (!needsPicture || isPicture(shape)) return false;
  x.fail("not-a-picture", { setting: name, shape: printShape(shape) }, setting.name.span);
  return true;
}

/**
 * How pictures (and bytes, for `u8`) become the input, and how many there are if that is not the
 * model's batch, as its settings say.
 */
export function readInputSettings(
  x: Expansion,
  statement: InputStatement,
  shape: readonly number[],
  frame: Frame,
): { readonly settings: ImageSettings; readonly picture: boolean; readonly batch?: BatchSize } {
  const channels = shape[0] ?? 1;
  const written: Written = {};
  const seen = new Set<string>();
  for (const setting of statement.settings) {
    const { text, span } = setting.name;
    const name = settingNames.find((candidate) => candidate === text);
    if (!name) {
      const known = enumerate(settingNames);
      x.fail("unknown-setting", { name: text, known, nearest: nearest(text, settingNames) }, span);
    } else if (seen.has(text)) {
      x.fail("argument-repeated", { callee: "the input", parameter: text }, span);
    } else if (!refuseSetting(x, setting, shape, statement.element === "u8")) {
      readSetting(x, name, setting, frame, channels, written);
    }
    seen.add(text);
  }
  const settings: ImageSettings = {
    mean: written.mean ?? Array<number>(channels).fill(0),
    std: written.std ?? Array<number>(channels).fill(1),
    range: written.range ?? [0, 1],
    order: written.order ?? "rgb",
    resize: written.resize ?? "stretch",
  };
  const own = written.batch === undefined ? {} : { batch: written.batch };
  return { settings, picture: isPicture(shape), ...own };
}
