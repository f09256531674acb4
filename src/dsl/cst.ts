import type { CstElement, CstNode, IToken } from "chevrotain";
import type { Span } from "../diagnostics/diagnostic.js";

const isNode = (element: CstElement): element is CstNode => "children" in element;

/** The child nodes of a rule's name that recovery left something in. */
export function nodes(parent: CstNode, rule: string): CstNode[] {
  return (parent.children[rule] ?? []).filter(isNode);
}

/** The first child node of a rule's name. */
export function node(parent: CstNode, rule: string): CstNode | undefined {
  return nodes(parent, rule)[0];
}

/** The child tokens of a type's name, in order; those that recovery made up are left out. */
export function tokens(parent: CstNode, type: string): IToken[] {
  const found: IToken[] = [];
  for (const element of parent.children[type] ?? []) {
    if (!isNode(element) && !element.isInsertedInRecovery) found.push(element);
  }
  return found;
}

/** The first child token of a type's name. */
export function token(parent: CstNode, type: string): IToken | undefined {
  return tokens(parent, type)[0];
}

/** Every child token and node of a parent, in the order written. */
export function childrenInOrder(parent: CstNode): CstElement[] {
  const all = Object.values(parent.children).flat();
  const kept = all.filter((child) => !Number.isNaN(startOf(child)));
  return kept.sort((a, b) => startOf(a) - startOf(b));
}

/** The place of a token. */
export function spanOfToken(file: string, at: IToken): Span {
  return { file, start: at.startOffset, end: at.startOffset + at.image.length };
}

/** The place of everything that a node holds. */
export function spanOfNode(file: string, at: CstNode): Span {
  const { startOffset = 0, endOffset } = at.location ?? { startOffset: 0 };
  const start = Number.isNaN(startOffset) ? 0 : startOffset;
  const end = endOffset === undefined || Number.isNaN(endOffset) ? start : endOffset + 1;
  return { file, start, end: Math.max(start, end) };
}

/** The smallest span that holds both. */
export function spanAcross(first: Span, last: Span): Span {
  return { file: first.file, start: first.start, end: Math.max(first.end, last.end) };
}

function startOf(element: CstElement): number {
  return isNode(element) ? (element.location?.startOffset ?? Number.NaN) : element.startOffset;
}
