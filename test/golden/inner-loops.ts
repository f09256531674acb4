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
function countsOf(loop: Form): string {
  const counts = new Map<string, number>();
  for (const { word } of inside(loop)) {
    if (!structure.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([word, count]) => `${count} ${word}`).join(", ");
}

/** The instructions of each loop that holds no other, by function: what a kernel spends its time on. */
export function innerLoops(wat: string): string {
  const functions = inside(readForms(wat)).filter((form) => form.word === "func" && form.label);
  const blocks = functions.map((form) => {
    const loops = inside(form).filter(({ word }) => word === "loop");
    const innermost = loops.filter((loop) => inside(loop).every(({ word }) => word !== "loop"));
    return [form.label.slice(1), ...innermost.map((loop) => `  ${countsOf(loop)}`)].join("\n");
  });
  return blocks.filter((block) => block.includes("\n")).join("\n\n");
}
