import type { Report } from "../../diagnostics/report.js";
import { type Entry, type Section, shortened } from "./parse-cfg.js";

/** What a number must be. */
interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

const largest = 2 ** 31 - 1;

/** A section's options, read as what they must be. What they are not is reported, and a default taken. */
export class Options {
  constructor(
    readonly section: Section,
    private readonly report: Report,
  ) {}

  has(key: string): boolean {
    return this.section.entries.has(key);
  }

  /** A whole number; the fallback where the key is missing. */
  whole(key: string, fallback: number, { least = 0, most = largest }: Bounds = {}): number {
    const entry = this.section.entries.get(key);
    if (!entry) return fallback;
    const value = /^[+-]?\d+$/.test(entry.value) ? Number(entry.value) : Number.NaN;
    if (value >= least && value <= most) return value;
    this.#refuse(key, entry, `a whole number from ${least}${most < largest ? ` to ${most}` : ""}`);
    return fallback;
  }

  /** Whether a switch is on: a number other than 0. */
  flag(key: string): boolean {
    return this.whole(key, 0, { least: -largest }) !== 0;
  }

  number(key: string, fallback: number): number {
    const entry = this.section.entries.get(key);
    if (!entry) return fallback;
    const value = numberOf(entry.value);
    if (value !== undefined) return value;
    this.#refuse(key, entry, "a number");
    return fallback;
  }

  /** Numbers between commas; undefined where the key is missing or wrong. */
  numbers(key: string): readonly number[] | undefined {
    return this.#list(key, "numbers between commas", numberOf);
  }

  /** Whole numbers between commas. */
  wholes(key: string): readonly number[] | undefined {
    return this.#list(key, "whole numbers between commas", (text) =>
      /^[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined,
    );
  }

  /** One of the words of a table, as what the table holds for it. */
  choice<T>(key: string, fallback: string, choices: ReadonlyMap<string, T>): T {
    const entry = this.section.entries.get(key);
    const found = choices.get(entry?.value ?? fallback);
    if (found !== undefined) return found;
    if (entry) this.#refuse(key, entry, `one of ${[...choices.keys()].join(" ")}`);
    return choices.get(fallback)!;
  }

  /** Reports that a key is missing. */
  require(key: string, wanted: string): void {
    const { type, span } = this.section;
    if (!this.has(key))
      this.report.add("cfg-option-missing", { section: type, key, wanted }, { span });
  }

  #list(
    key: string,
    wanted: string,
    parse: (text: string) => number | undefined,
  ): readonly number[] | undefined {
    const entry = this.section.entries.get(key);
    if (!entry) return undefined;
    const texts = entry.value.replace(/,$/, "").split(",");
    const values = texts.flatMap((text) => parse(text) ?? []);
    if (values.length === texts.length) return values;
    this.#refuse(key, entry, wanted);
    return undefined;
  }

  #refuse(key: string, { value, span }: Entry, wanted: string): void {
    const details = { section: this.section.type, key, value: shortened(value), wanted };
    this.report.add("cfg-option-value", details, { span });
  }
}

function numberOf(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
