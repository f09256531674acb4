import { nearest } from "../../diagnostics/nearest.js";
import type { Report } from "../../diagnostics/report.js";
import type { Graph, NodeOf } from "../../ir/graph.js";
import type { SourceFile } from "../ast.js";
import { format } from "../format.js";
import { statementsIn } from "./expressions-in.js";
import { type Form, replaceConv } from "./replace-conv.js";
import { type WrittenConv, writtenConv } from "./written-conv.js";

/** One layer to rewrite. */
export interface Edit {
  /** The layer's parameter path. */
  readonly path: string;
  readonly form: Form;
}

/** A source after its edits. */
export interface RewrittenSource {
  readonly text: string;
  /** The paths of all layers that changed: a block's layer changes wherever the block is called. */
  readonly layers: readonly string[];
}

/**
 * Rewrites calls of `conv` in a file's text, before training: comments and everything else stay as they are,
 * and a file that was in canonical form still is. `graph` is the model that the file gives. Undefined when
 * the report has errors: paths of no convolution, layers that cannot be rewritten.
 */
export function rewriteSource(
  tree: SourceFile,
  text: string,
  graph: Graph,
  edits: readonly Edit[],
  report: Report,
): RewrittenSource | undefined {
  const splices: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  const layers: string[] = [];
  const done = new Map<number, string>();
  for (const edit of edits) {
    const conv = find(tree, text, graph, edit, report);
    if (!conv) continue;
    const { start, end } = conv.span;
    const first = done.get(start);
    const replaced = replaceConv(conv, edit.form);
    if (first !== undefined) report.add("rewrite-twice", { first, second: edit.path });
    else if ("reason" in replaced) report.add("rewrite-unfit", { path: edit.path, ...replaced });
    else {
      done.set(start, edit.path);
      const opens = replaced.text.startsWith("{") && !conv.call.label;
      const settled = opens ? endOfInputBefore(tree, text, start) : undefined;
      if (settled !== undefined) splices.push({ from: settled, to: settled, text: ";" });
      splices.push({ from: start, to: end, text: replaced.text });
      layers.push(...conv.layers.map(({ name }) => name));
    }
  }
  if (report.hasErrors) return undefined;
  const ordered = splices.toSorted((a, b) => b.from - a.from || b.to - a.to);
  const edited = ordered.reduce((all, s) => all.slice(0, s.from) + s.text + all.slice(s.to), text);
  return { text: edited, layers };
}

/** The call that an edit is about; reported where there is none in this file. */
function find(
  tree: SourceFile,
  text: string,
  graph: Graph,
  { path }: Edit,
  report: Report,
): WrittenConv | undefined {
  const convolutions = graph.nodes.filter(
    (node): node is NodeOf<"conv2d"> => node.op === "conv2d" && node.name !== "",
  );
  const layer = convolutions.find(({ name }) => name === path);
  if (!layer) {
    const names = convolutions.map(({ name }) => name);
    report.add("rewrite-path", { path, nearest: nearest(path, names) });
    return undefined;
  }
  const conv = writtenConv(tree, text, graph, layer);
  if (!conv) {
    const isElsewhere = layer.span?.file !== tree.file;
    const where = `it is written in ${layer.span?.file}: rewrite that file`;
    const reason = isElsewhere ? where : "it is not written as a conv(…)";
    report.add("rewrite-unfit", { path, reason });
  }
  return conv;
}

/**
 * Where an input statement without settings ends, when nothing but blanks and comments stand between it and a
 * place: a `{` there would begin its settings.
 */
function endOfInputBefore(tree: SourceFile, text: string, place: number): number | undefined {
  const ends = statementsIn(tree).flatMap((statement) =>
    statement.kind === "input" && statement.settings.length === 0 ? [statement.span.end] : [],
  );
  return ends.find((end) => {
    if (end > place) return false;
    const comments = tree.comments.filter(({ span }) => span.start >= end && span.end <= place);
    const between = comments.reduceRight(
      (rest, { span }) => rest.slice(0, span.start - end) + rest.slice(span.end - end),
      text.slice(end, place),
    );
    return between.trim() === "";
  });
}

/** A text in canonical form where `before` was; as it is otherwise. */
export function formatAsBefore(
  before: { readonly tree: SourceFile; readonly text: string },
  after: { readonly tree: SourceFile; readonly text: string },
): string {
  const wasCanonical = format(before.tree, before.text) === before.text;
  return wasCanonical ? format(after.tree, after.text) : after.text;
}
