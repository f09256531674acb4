import type { Argument, Construct } from "./form.js";
import { freeName, isFreeName, numberOf, safeName, stringOf } from "./python.js";
import { lastOf, parentOf } from "./tree.js";

/** A line of a constructor: `self.conv = ` and what makes it. */
export interface Attribute {
  readonly target: string;
  readonly construct: Construct;
}

/** A module before it is known which others are the same. */
export interface Draft {
  readonly path: string;
  readonly attributes: readonly Attribute[];
  /** What stands behind `self` in `forward`; undefined for a module that only holds others. */
  readonly forward?: { readonly parameters: readonly string[]; readonly lines: readonly string[] };
}

/** Classes with more parameters than this are harder to read than several classes. */
const mostParameters = 8;

function argumentsOf(construct: Construct): readonly Argument[] {
  if (construct.kind === "new") return construct.given;
  return construct.items.flatMap((item) => argumentsOf(item.construct));
}

const allArguments = ({ attributes }: Draft): readonly Argument[] =>
  attributes.flatMap(({ construct }) => argumentsOf(construct));

/** What two modules have in common that differ in arguments only. */
const shapeOf = ({ attributes, forward }: Draft): string =>
  JSON.stringify([attributes, forward], (key, value: unknown) => (key === "text" ? "" : value));

const textsOf = (draft: Draft): string =>
  JSON.stringify(allArguments(draft).map(({ text }) => text));

/** An expression over several lines where it is a sequence. */
function printConstruct(construct: Construct, named: ReadonlyMap<Argument, string>): string {
  if (construct.kind === "new") {
    const given = construct.given.flatMap((argument) => {
      const name = named.get(argument);
      if (name === undefined && argument.text === argument.fallback) return [];
      const text = name ?? argument.text;
      return argument.isNamed ? `${argument.name}=${text}` : text;
    });
    return `${construct.callee}(${given.join(", ")})`;
  }
  const items = construct.items.map(({ name, construct: item }) => {
    const text = printConstruct(item, named);
    const entry = construct.isNamed ? `(${stringOf(name)}, ${text})` : text;
    return `    ${entry.replaceAll("\n", "\n    ")},\n`;
  });
  const list = items.join("");
  return construct.isNamed ? `nn.Sequential(OrderedDict([\n${list}]))` : `nn.Sequential(\n${list})`;
}

const indent = (text: string, by: string): string => by + text.replaceAll("\n", `\n${by}`);

/** A class with its constructor and `forward`. */
export function printClass(
  name: string,
  { attributes, forward }: Draft,
  parameters: readonly string[] = [],
  named: ReadonlyMap<Argument, string> = new Map(),
  documentation = "",
): string {
  const made = attributes.map(({ target, construct }) => target + printConstruct(construct, named));
  const initialiser = [
    `def __init__(${["self", ...parameters].join(", ")}):`,
    indent(["super().__init__()", ...made].join("\n"), "    "),
  ];
  const called = forward
    ? [
        "",
        `def forward(${["self", ...forward.parameters].join(", ")}):`,
        indent(forward.lines.join("\n"), "    "),
      ]
    : [];
  const about = documentation === "" ? [] : [documentation, ""];
  const body = indent([...about, ...initialiser, ...called].join("\n"), "    ");
  return `class ${name}(nn.Module):\n${body}`.replace(/[ ]+$/gm, "");
}

/** The arguments in which modules of one shape differ; equal columns are one parameter. */
function parametersOf(group: readonly Draft[]) {
  const rows = group.map(allArguments);
  const names = new Map<string, string>();
  const named = new Map<Argument, string>();
  const columns: number[] = [];
  for (const [i, argument] of (rows[0] ?? []).entries()) {
    const column = rows.map((row) => row[i]?.text ?? "");
    if (column.every((text) => text === column[0])) continue;
    const key = JSON.stringify(column);
    let name = names.get(key);
    if (name === undefined) {
      const taken = new Set(names.values());
      name = freeName(argument.name, (wish) => taken.has(wish) || !isFreeName(wish));
      names.set(key, name);
      columns.push(i);
    }
    named.set(argument, name);
  }
  const values = rows.map((row) => columns.map((i) => row[i]?.text ?? ""));
  return { parameters: [...names.values()], named, values };
}

function groupBy(drafts: readonly Draft[], keyOf: (draft: Draft) => string): Draft[][] {
  const groups = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const key = keyOf(draft);
    const group = groups.get(key);
    if (group) group.push(draft);
    else groups.set(key, [draft]);
  }
  return [...groups.values()];
}

/** A class name after the last word of a path: `layer1.0` is a `Layer1Block`, several are `LayerBlock`. */
function nameFor(group: readonly Draft[]): string {
  const path = group[0]?.path ?? "";
  const isNumber = /^[0-9]+$/.test(lastOf(path));
  let word = path;
  while (/^[0-9]+$/.test(lastOf(word))) word = parentOf(word);
  const stem = group.length > 1 ? lastOf(word).replace(/[0-9]+[a-z]?$/, "") : lastOf(word);
  const parts = safeName(stem, "Block").split("_");
  const camel = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
  return isNumber && !/block$/i.test(camel) ? `${camel}Block` : camel;
}

/** The classes of a file; modules that differ in a few arguments share one. */
export class ClassList {
  readonly texts: string[] = [];
  readonly #names = new Set<string>();

  constructor(taken: readonly string[]) {
    for (const name of taken) this.#names.add(name);
  }

  /** Makes the classes of modules, and gives what makes each of them by its path. */
  add(drafts: readonly Draft[]): Map<string, Construct> {
    const made = new Map<string, Construct>();
    for (const group of groupBy(drafts, shapeOf)) {
      const isReadable = parametersOf(group).parameters.length <= mostParameters;
      for (const part of isReadable ? [group] : groupBy(group, textsOf)) this.#addGroup(part, made);
    }
    return made;
  }

  #addGroup(group: readonly Draft[], made: Map<string, Construct>): void {
    const [first] = group;
    if (!first) return;
    const { parameters, named, values } = parametersOf(group);
    const name = freeName(nameFor(group), (wish) => this.#names.has(wish) || !isFreeName(wish));
    this.#names.add(name);
    this.texts.push(printClass(name, first, parameters, named));
    for (const [at, { path }] of group.entries()) {
      const given = parameters.map((parameter, i) => ({
        name: parameter,
        text: values[at]?.[i] ?? numberOf(0),
        isNamed: false,
      }));
      made.set(path, { kind: "new", callee: name, given });
    }
  }
}
