/** Tensors that modules of PyTorch have in `state_dict()`, without counters of training steps. */
const tensorsOf: Readonly<Record<string, readonly string[]>> = {
  Conv2d: ["weight", "bias"],
  ConvTranspose2d: ["weight", "bias"],
  Linear: ["weight", "bias"],
  BatchNorm1d: ["weight", "bias", "running_mean", "running_var"],
  BatchNorm2d: ["weight", "bias", "running_mean", "running_var"],
  GroupNorm: ["weight", "bias"],
  PReLU: ["weight"],
};

type Classes = ReadonlyMap<string, string>;

/** Paths of a module that an expression makes; `lines` are those behind it, for sequences. */
function pathsOf(expression: string, lines: readonly string[], classes: Classes): string[] {
  const [, callee = ""] = /^([\w.]+)\(/.exec(expression) ?? [];
  if (callee === "nn.Parameter" || callee === "torch.clone") return [""];
  if (callee === "nn.Sequential") return sequencePaths(lines, classes);
  if (classes.has(callee)) return classPaths(callee, classes).map((path) => `.${path}`);
  const tensors = tensorsOf[callee.replace("nn.", "")] ?? [];
  const isWithout = /bias=False/.test(expression);
  return tensors.filter((name) => !(isWithout && name === "bias")).map((name) => `.${name}`);
}

const depthOf = (line: string): number => line.length - line.trimStart().length;

/** The lines that stand deeper than the first, from the top. */
function block(lines: readonly string[], depth: number): readonly string[] {
  const end = lines.findIndex((line) => line.trim() !== "" && depthOf(line) <= depth);
  return end < 0 ? lines : lines.slice(0, end);
}

function sequencePaths(lines: readonly string[], classes: Classes): string[] {
  const depth = depthOf(lines[0] ?? "");
  let position = 0;
  return lines.flatMap((line, at) => {
    if (depthOf(line) !== depth || /^\s*[)\]]/.test(line)) return [];
    const [, name, expression = ""] = /^\s*(?:\(("(?:[^"\\]|\\.)*"), )?(.*)$/.exec(line) ?? [];
    const inner = block(lines.slice(at + 1), depth);
    const own: string = name === undefined ? String(position++) : JSON.parse(name);
    return pathsOf(expression, inner, classes).map((path) => `.${own}${path}`);
  });
}

function classPaths(name: string, classes: Classes): string[] {
  const lines = (classes.get(name) ?? "").split("\n");
  return lines.flatMap((line, at) => {
    const assigned = /^ {8}self\.(?:(\w+)|_\w+\[(".*")\]) = (.*)$/.exec(line);
    const buffer = /^ {8}self\.register_buffer\("(\w+)"(?!.*persistent=False)/.exec(line);
    if (buffer?.[1]) return [buffer[1]];
    if (!assigned) return [];
    const [, word, quoted = '""', expression = ""] = assigned;
    const own: string = word ?? JSON.parse(quoted);
    const inner = block(lines.slice(at + 1), 8);
    return pathsOf(expression, inner, classes).map((path) => own + path);
  });
}

/** The paths that a written module's `state_dict()` has, read from its text: that of its last class. */
export function statePaths(python: string): string[] {
  const parts = python.split(/^class (\w+)\(nn\.Module\):$/m).slice(1);
  const classes = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) classes.set(parts[at]!, parts[at + 1]!);
  return classPaths(parts.at(-2) ?? "", classes);
}
