const controls = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu;

/**
 * A text as one line that is safe to print: characters that would steer a terminal, reorder the
 * line or stay invisible are written as `\u{…}`.
 */
export function visible(text: string): string {
  return text.replace(controls, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** A source line, where every character keeps its column: a tab is a blank, a control a mark. */
export function visibleLine(text: string): string {
  return text
    .replaceAll("\t", " ")
    .replace(controls, (character) => "\ufffd".repeat(character.length));
}
