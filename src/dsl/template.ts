import { createTokenInstance, type IToken, tokenMatcher } from "chevrotain";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { CompileError, Report } from "../diagnostics/report.js";
import type { SourceFile } from "./ast.js";
import { buildBody, buildSourceFile } from "./build-ast.js";
import { maxSourceBytes } from "./limits.js";
import { type ParsedPart, parsePart } from "./parse.js";
import { checkDepth } from "./source-depth.js";
import { callSiteOf } from "./template/call-site.js";
import { fillItems, fillStatement } from "./template/fill-statement.js";
import { Holes } from "./template/holes.js";
import { type CnnSource, type Interpolation, isCnnSource } from "./template/interpolation.js";
import {
  type ReadSource,
  shownHole,
  type TemplateText,
  templateText,
} from "./template/template-text.js";
import * as t from "./tokens.js";

/**
 * The tag of a template that holds `.cnn` text: gives its syntax tree. What is interpolated is data or a
 * tree, never text that is read again. Throws a CompileError whose places lie in the program's source.
 */
export type CnnTag = (
  strings: TemplateStringsArray,
  ...values: readonly Interpolation[]
) => CnnSource;

/** A tag that finds its templates in the sources that `read` gives; each template is looked up once. */
export function templateTag(read: ReadSource): CnnTag {
  const texts = new WeakMap<TemplateStringsArray, TemplateText>();
  return function cnn(strings, ...values) {
    const known = texts.get(strings);
    const text = known ?? templateText(strings.raw, callSiteOf(cnn), read);
    texts.set(strings, text);
    return readTemplate(text, values);
  };
}

function readTemplate(text: TemplateText, values: readonly Interpolation[]): CnnSource {
  const report = new Report();
  report.addSource(text.file, text.shown);
  const source = readParts(text, values, report);
  if (source && !report.hasErrors) return source;
  throw new CompileError(
    report.diagnostics.map((diagnostic) => withoutNames(diagnostic, text)),
    report.omitted,
  );
}

function readParts(
  text: TemplateText,
  values: readonly Interpolation[],
  report: Report,
): CnnSource | undefined {
  const { file, start, parsed, path } = text;
  const span = { file, start, end: start + parsed.length };
  if (parsed.length > maxSourceBytes) {
    report.add("source-too-large", { limit: maxSourceBytes }, { span: { ...span, end: start } });
    return undefined;
  }
  const holes = new Holes(text, values, report);
  const read = report.sorted(() => parseTemplate(text, holes, report));
  if (!read || report.hasErrors) return undefined;
  const { source, isFragment } = read;
  if (!checkDepth(source, report)) return undefined;
  const [only] = source.items;
  if (isFragment && only && "body" in only) {
    const statements = only.body.statements.map((at) => fillStatement(holes, at, 0));
    const items = holes.brought;
    const fragment = { statements, depth: holes.depth + 1 };
    return { file: path, items, comments: source.comments, span, sources: holes.sources, fragment };
  }
  const items = fillItems(holes, source.items);
  return { file: path, items, comments: source.comments, span, sources: holes.sources };
}

/** A template's tree before its interpolations are filled; stages are the body of a block without a name. */
function parseTemplate(
  text: TemplateText,
  holes: Holes,
  report: Report,
): { readonly source: SourceFile; readonly isFragment: boolean } | undefined {
  const { file, start, parsed } = text;
  let isFragment = false;
  const part = { file, text: parsed, offset: start };
  const read = parsePart(
    part,
    {
      endName: "the end of the template",
      rule: (parser) => (isFragment ? parser.body() : parser.file()),
      revise: (tokens) => {
        isFragment = beginsStages(tokens, holes);
        const named = tokens.map((token, index) => asText(token, tokens[index - 1], holes));
        if (!isFragment) return imported(named, holes);
        const end = start + parsed.length;
        return [makeToken(t.OpenBrace, "", start), ...named, makeToken(t.CloseBrace, "", end)];
      },
    },
    report,
  );
  return read && { source: sourceOf(read, isFragment, start + parsed.length), isFragment };
}

function sourceOf(read: ParsedPart, isFragment: boolean, end: number): SourceFile {
  const source = buildSourceFile(read.context, read.tree, read.comments, end);
  if (!isFragment) return source;
  const body = buildBody(read.context, read.tree);
  const { span } = body;
  const block = { kind: "block", name: { text: "", span }, parameters: [], body, span } as const;
  return { ...source, items: [block] };
}

/** Whether a template holds stages and no definitions. */
function beginsStages(tokens: readonly IToken[], holes: Holes): boolean {
  for (const [index, token] of tokens.entries()) {
    const hole = holes.whole(token.image);
    if (hole && isCnnSource(hole.value) && !hole.value.fragment) continue;
    if (tokenMatcher(token, t.Import) || tokenMatcher(token, t.Const)) {
      return tokens[index + 1]?.tokenType === t.Colon;
    }
    const isDefinition = tokenMatcher(token, t.Block) || tokenMatcher(token, t.Model);
    return !isDefinition || tokens[index + 1]?.tokenType === t.Colon;
  }
  return false;
}

/** Behind `weights`, `labels` and `import` an interpolation stands for a string. */
function asText(token: IToken, before: IToken | undefined, holes: Holes): IToken {
  const takesText = [t.Weights, t.Labels, t.Import].some((type) => before?.tokenType === type);
  if (!takesText || !holes.whole(token.image)) return token;
  return makeToken(t.Text, `"${token.image}"`, token.startOffset);
}

/** An interpolation among definitions is read as the import of what it brings. */
function imported(tokens: readonly IToken[], holes: Holes): IToken[] {
  let depth = 0;
  let begins = true;
  return tokens.flatMap((token) => {
    if (/^[([{]$/.test(token.image)) depth++;
    if (/^[)\]}]$/.test(token.image)) depth--;
    const isItem = depth === 0 && begins && holes.whole(token.image) !== undefined;
    begins = isItem || /^[};]$|"$/.test(token.image);
    if (!isItem) return [token];
    const { startOffset } = token;
    const text = makeToken(t.Text, `"${token.image}"`, startOffset);
    return [makeToken(t.Import, "import", startOffset), text];
  });
}

function makeToken(type: typeof t.Text, image: string, start: number): IToken {
  return createTokenInstance(type, image, start, start + image.length - 1, 0, 0, 0, 0);
}

/** A message in which interpolations look as they were written. */
function withoutNames(diagnostic: Diagnostic, { holes }: TemplateText): Diagnostic {
  const clean = (text: string) =>
    text.replace(/(_[0-9A-Za-z]{3})_*/g, (word, name) => (holes.has(name) ? shownHole : word));
  const { message, hint, notes } = diagnostic;
  return {
    ...diagnostic,
    message: clean(message),
    ...(hint === undefined ? {} : { hint: clean(hint) }),
    notes: notes.map((note) => ({ ...note, message: clean(note.message) })),
  };
}
