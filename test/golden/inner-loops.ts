/** An expression of a module's text: its first word and what stands in it. */
interface Form {
  readonly word: string;
  /** `$conv2d` of `(func $conv2d …)`. */
  readonly label: string;
  readonly parts: Form[];
}

/** The forms of a module's text, which has neither comments nor brackets in strings. */
function readForms(text: string): Form {
  const root: Form = { word: "", label: "", parts: [] };
  const open = [root];
  for (const [token, word, label] of text.matchAll(/\(([^\s()]+)(?:\s+(\$[^\s()]+))?|\)/g)) {
    if (token === ")") open.pop();
    else {
      const form: Form = { word: word ?? "", label: label ?? "", parts: [] };
      open.at(-1)?.parts.push(form);
      open.push(form);
    }
  }
  return root;
}

const inside = (form: Form): Form[] => form.parts.flatMap((part) => [part, ...inside(part)]);

const structure: ReadonlySet<string> = new Set(["block", "then", "else"]);

/** How often each instruction stands in a loop, by name. */
function countsOf(loop: Form): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { word } of inside(loop)) {
    if (!structure.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const printCounts = (counts: Iterable<readonly [string, number]>): string =>
  [...counts].map(([word, count]) => `${count} ${word}`).join(", ");

/** The loops of a function that hold no other: what it spends its time on. */
interface InnerLoops {
  readonly name: string;
  readonly loops: readonly ReadonlyMap<string, number>[];
}

function findInnerLoops(wat: string): InnerLoops[] {
  const functions = inside(readForms(wat)).filter((form) => form.word === "func" && form.label);
  return functions.map((form) => {
    const loops = inside(form).filter(({ word }) => word === "loop");
    const innermost = loops.filter((loop) => inside(loop).every(({ word }) => word !== "loop"));
    return { name: form.label.slice(1), loops: innermost.map(countsOf) };
  });
}

function printLoops(
  functions: readonly InnerLoops[],
  print: (counts: ReadonlyMap<string, number>) => string,
): string {
  return functions
    .filter(({ loops }) => loops.length > 0)
    .map(({ name, loops }) => [name, ...loops.map((loop) => `  ${print(loop)}`)].join("\n"))
    .join("\n\n");
}

/** The instructions of each loop that holds no other, by function. */
export const innerLoops = (wat: string): string => printLoops(findInnerLoops(wat), printCounts);

/** What an instruction does for a kernel; locals and constants cost nothing. */
function kindOf(word: string): string | undefined {
  if (/^local\.|\.const$|^loop$/.test(word)) return undefined;
  if (/load\d+_splat/.test(word)) return "splats";
  if (/\.load/.test(word)) return "loads";
  if (/\.store/.test(word)) return "stores";
  if (/^f\d+(x\d)?\.(mul|add)$/.test(word)) return word.slice(word.indexOf(".") + 1);
  return "other";
}

const kinds = ["loads", "splats", "mul", "add", "stores"];

/** A loop's instructions by kind: memory and arithmetic in numbers, all others by name. */
function printKinds(counts: ReadonlyMap<string, number>): string {
  const total = (kind: string): number =>
    [...counts].reduce((sum, [word, count]) => sum + (kindOf(word) === kind ? count : 0), 0);
  const others = [...counts].filter(([word]) => kindOf(word) === "other");
  return [...kinds.map((kind) => `${total(kind)} ${kind}`), `other: ${printCounts(others)}`].join(
    ", ",
  );
}

/** The instructions by kind of each loop that holds no other, by function whose name `fits`. */
export const innerLoopKinds = (wat: string, fits: (name: string) => boolean): string =>
  printLoops(
    findInnerLoops(wat).filter(({ name }) => fits(name)),
    printKinds,
  );
