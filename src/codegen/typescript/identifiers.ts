/** Words that no variable or function of a strict module may be called, and globals that code reads. */
const reserved = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval " +
    "export extends false finally for function if implements import in instanceof interface let new " +
    "null package private protected public return static super switch this throw true try typeof var " +
    "void while with yield Math NaN Infinity undefined Float32Array Int32Array Uint8Array"
  ).split(" "),
);

/**
 * A name as an identifier: other characters become `_`, a leading digit and reserved words get one.
 * Different names may become equal; `Names` keeps them apart.
 */
export function safeIdentifier(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/gu, "_");
  const started = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
  return reserved.has(started) ? `${started}_` : started;
}

/**
 * A text as one line that ends no comment and means nothing to a compiler or a page: without `*` before
 * `/`, line ends, control and bidirectional characters, and directives.
 */
export function safeComment(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ").replace(/\s+/gu, " ");
  const inert = line
    .replace(/\*(?=\/)/g, "* ")
    .replace(/<(?=[/!])/g, "< ")
    .replace(/@(?=\w)/g, "@ ");
  const short = inert.length > 200 ? `${inert.slice(0, 199)}…` : inert;
  return short
    .trim()
    .replace(/^[#/]+/, "")
    .replace(/[*/\s]+$/, "")
    .trim();
}

/** Gives every key one identifier that nothing else in its scope has. */
export class Names {
  readonly #given = new Map<string, string>();
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The identifier of a key, the same every time. */
  of(key: string): string {
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const name = this.fresh(key);
    this.#given.set(key, name);
    return name;
  }

  /** An identifier like this one that nothing has yet. */
  fresh(like: string): string {
    const plain = safeIdentifier(like);
    let name = plain;
    for (let n = 2; this.#taken.has(name); n++) name = `${plain}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** All identifiers given or taken. */
  all(): ReadonlySet<string> {
    return this.#taken;
  }
}
