/** Something in a JSON file that is not what it must be. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  constructor(
    readonly place: string,
    problem: string,
  ) {
    super(problem);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};

/** A value of a JSON file that knows its place in it. */
export class Json {
  constructor(
    readonly value: unknown,
    readonly place: string,
  ) {}

  get isMissing(): boolean {
    return this.value === undefined || this.value === null;
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  get isText(): boolean {
    return typeof this.value === "string";
  }

  get isNumber(): boolean {
    return typeof this.value === "number";
  }

  /** What an object holds under a key; missing where this is no object or has no such key. */
  at(key: string): Json {
    const { value, place } = this;
    const own = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return new Json(own, place === "" ? key : `${place}.${key}`);
  }

  /** The keys of an object with what they hold. */
  entries(): readonly (readonly [string, Json])[] {
    if (!isRecord(this.value)) return this.refuse("an object");
    return Object.keys(this.value).map((key) => [key, this.at(key)]);
  }

  /** The items of a list. */
  items(): readonly Json[] {
    if (!Array.isArray(this.value)) return this.refuse("a list");
    return this.value.map((item: unknown, i) => new Json(item, `${this.place}[${i}]`));
  }

  text(fallback?: string): string {
    if (typeof this.value === "string") return this.value;
    return this.isMissing && fallback !== undefined ? fallback : this.refuse("a string");
  }

  number(fallback?: number): number {
    if (typeof this.value === "number" && Number.isFinite(this.value)) return this.value;
    return this.isMissing && fallback !== undefined ? fallback : this.refuse("a number");
  }

  /** A whole number of at least `least`. */
  whole(fallback?: number, least = 0): number {
    const value = this.number(fallback);
    return Number.isSafeInteger(value) && value >= least
      ? value
      : this.refuse(`a whole number from ${least}`);
  }

  flag(fallback: boolean): boolean {
    if (typeof this.value === "boolean") return this.value;
    return this.isMissing ? fallback : this.refuse("true or false");
  }

  /** Whole numbers of at least `least`. */
  wholes(least = 0): readonly number[] {
    return this.items().map((item) => item.whole(undefined, least));
  }

  /** Two whole numbers; one stands for both. */
  pair(fallback?: number, least = 1): readonly [number, number] {
    if (!this.isList) {
      const both = this.whole(fallback, least);
      return [both, both];
    }
    const [first, second, ...more] = this.wholes(least);
    if (first === undefined || more.length > 0) return this.refuse("one or two whole numbers");
    return [first, second ?? first];
  }

  /** One of some words. */
  choice<T extends string>(choices: readonly T[], fallback?: T): T {
    const found = choices.find((choice) => choice === this.value);
    if (found !== undefined) return found;
    if (this.isMissing && fallback !== undefined) return fallback;
    return this.refuse(`one of ${choices.join(" ")}`);
  }

  refuse(wanted: string): never {
    throw new JsonError(this.place, `it must be ${wanted}, not ${shown(this.value)}`);
  }
}
