/** A template literal in a program's source, as offsets. */
export interface TemplatePlace {
  /** Behind the opening backtick. */
  readonly start: number;
  /** The interpolations, from `$` to behind the brace. */
  readonly holes: readonly Hole[];
  /** The closing backtick. */
  readonly end: number;
}

/** An interpolation, from `$` to behind its brace. */
export interface Hole {
  readonly start: number;
  readonly end: number;
}

/**
 * The template literal with these raw parts that a program's source holds: the first at or behind an
 * offset, else the last before it; undefined when there is none, as where the source was transformed.
 */
export function findTemplate(
  source: string,
  raw: readonly string[],
  near: number,
): TemplatePlace | undefined {
  let before: TemplatePlace | undefined;
  for (let at = source.indexOf("`"); at >= 0; at = source.indexOf("`", at + 1)) {
    const place = templateAt(source, at + 1, raw);
    if (place && at >= near) return place;
    before = place ?? before;
  }
  return before;
}

function templateAt(
  source: string,
  start: number,
  raw: readonly string[],
): TemplatePlace | undefined {
  const holes: Hole[] = [];
  let at = start;
  for (const [index, part] of raw.entries()) {
    const end = endOfPart(source, at, part);
    if (end === undefined) return undefined;
    if (index === raw.length - 1) return source[end] === "`" ? { start, holes, end } : undefined;
    if (!source.startsWith("${", end)) return undefined;
    at = endOfExpression(source, end + 2);
    holes.push({ start: end, end: at });
  }
  return undefined;
}

/** Behind a raw part that stands at an offset; a template's line ends are always line feeds. */
function endOfPart(source: string, start: number, part: string): number | undefined {
  let at = start;
  for (let index = 0; index < part.length; index++, at++) {
    if (source[at] === part[index]) continue;
    if (source[at] !== "\r" || part[index] !== "\n") return undefined;
    if (source[at + 1] === "\n") at++;
  }
  return at;
}

/** Behind the brace that closes an interpolation. */
function endOfExpression(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; ) {
    const character = source[at];
    if (character === "}" && depth-- === 0) return at + 1;
    if (character === "{") depth++;
    at = endOfToken(source, at);
  }
  return source.length;
}

/** Behind the string, template, comment or character that begins at an offset. */
function endOfToken(source: string, at: number): number {
  const character = source[at];
  if (character === '"' || character === "'") return endOfString(source, at, character);
  if (character === "`") return endOfTemplate(source, at + 1);
  if (source.startsWith("//", at)) return behind(source, "\n", at);
  return source.startsWith("/*", at) ? behind(source, "*/", at + 2) : at + 1;
}

function behind(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  return found < 0 ? source.length : found + mark.length;
}

function endOfString(source: string, start: number, mark: string): number {
  let at = start + 1;
  while (at < source.length && source[at] !== mark) at += source[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfTemplate(source: string, start: number): number {
  let at = start;
  while (at < source.length && source[at] !== "`") {
    if (source.startsWith("${", at)) at = endOfExpression(source, at + 2);
    else at += source[at] === "\\" ? 2 : 1;
  }
  return at + 1;
}
