const marker = "//~";

/**
 * TypeScript as readable JavaScript: types erased, comments and blank lines kept, indented by two
 * spaces. The text must hold no template literal over several lines.
 */
export async function printJavascript(source: string): Promise<string> {
  const { default: ts } = await import("typescript");
  const marked = source.replace(/\n(?=\n)/g, `\n${marker}`);
  const { outputText } = ts.transpileModule(marked, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      newLine: ts.NewLineKind.LineFeed,
      verbatimModuleSyntax: true,
    },
  });
  const lines = outputText.split("\n").filter((line, at, all) => !isRepeated(line, all[at - 1]));
  const text = lines.map((line) => (line.trim() === marker ? "" : line)).join("\n");
  return halveIndents(text).replace(/\}\n +(?=else|catch|finally)/g, "} ");
}

const isRepeated = (line: string, before: string | undefined): boolean =>
  line.trim() === marker && (before === undefined || before.trim() === marker);

/** The printer's indents of four spaces as indents of two. */
export const halveIndents = (text: string): string =>
  text.replace(/^( {4})+/gm, (indent) => " ".repeat(indent.length / 2));
