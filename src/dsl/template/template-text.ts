import { Lines } from "../../diagnostics/position.js";
import type { CallSite } from "./call-site.js";
import { findTemplate, type Hole, type TemplatePlace } from "./find-template.js";

/** Reads a program's source; undefined when there is none. */
export type ReadSource = (path: string) => string | undefined;

/** A template literal's text, as messages show it and as it is parsed. */
export interface TemplateText {
  /** The name of the shown text. */
  readonly file: string;
  /** The program's file, from which the paths in the template start; empty when it is not known. */
  readonly path: string;
  /** The program's source; where that cannot be found, the template alone. */
  readonly shown: string;
  /** Where the template begins in the shown text. */
  readonly start: number;
  /** The template with a name in the place of each interpolation, as long as that is. */
  readonly parsed: string;
  /** The interpolations in the shown text, by the names that stand in their places. */
  readonly holes: ReadonlyMap<string, Hole>;
}

/** The text of a template literal from its raw parts and the place where its tag was called. */
export function templateText(
  raw: readonly string[],
  site: CallSite | undefined,
  read: ReadSource,
): TemplateText {
  const source = site && read(site.file);
  if (site && source !== undefined) {
    const lines = new Lines(source);
    const place = findTemplate(source, raw, lines.startOf(site.line) + site.column - 1);
    if (place) return withNames({ file: site.file, path: site.file, shown: source }, place, raw);
  }
  const file = site ? `cnn\`…\` at ${site.file}:${site.line}` : "cnn`…`";
  const shown = raw.join(shownHole);
  return withNames({ file, path: "", shown }, placeIn(raw), raw);
}

/** How an interpolation is shown where its own text is not known. */
export const shownHole = `$\{…}`;

/** Where a template's parts lie in the text that is made of them. */
function placeIn(raw: readonly string[]): TemplatePlace {
  const holes: Hole[] = [];
  let at = 0;
  for (const part of raw.slice(0, -1)) {
    const start = at + part.length;
    at = start + shownHole.length;
    holes.push({ start, end: at });
  }
  return { start: 0, holes, end: at + (raw.at(-1)?.length ?? 0) };
}

function withNames(
  text: Pick<TemplateText, "file" | "path" | "shown">,
  { start, holes, end }: TemplatePlace,
  raw: readonly string[],
): TemplateText {
  const names = unusedNames(raw.join("\n"));
  const named = new Map<string, Hole>();
  let parsed = "";
  let at = start;
  for (const hole of holes) {
    const name = names.next().value ?? "";
    named.set(name, hole);
    parsed += text.shown.slice(at, hole.start) + name.padEnd(hole.end - hole.start, "_");
    at = hole.end;
  }
  return { ...text, start, parsed: parsed + text.shown.slice(at, end), holes: named };
}

const digits = [..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"];

/** What the names of interpolations look like; underscores fill them up to the length of theirs. */
export const holeName = /_[0-9A-Za-z]{3}/g;

/** Identifiers of four characters, the length of the shortest interpolation, that a text does not hold. */
function* unusedNames(text: string): Generator<string, undefined> {
  for (const a of digits) {
    for (const b of digits) {
      for (const c of digits) {
        const name = `_${a}${b}${c}`;
        if (!text.includes(name)) yield name;
      }
    }
  }
  return undefined;
}
