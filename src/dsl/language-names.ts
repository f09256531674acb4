import { keywords } from "./inputs.js";
import { merges } from "./merges.js";
import { numberFunctions } from "./numbers.js";
import { operators } from "./operators/index.js";
import { factNames, optionWords } from "./reserved.js";

/** Every name that means something to the language, words of arguments included: what a generated model may not call its values and blocks. */
export const languageNames: ReadonlySet<string> = new Set([
  ...operators.keys(),
  ...merges.keys(),
  ...numberFunctions.keys(),
  ...factNames,
  ...optionWords,
  ...keywords,
  ...[...operators.values()].flatMap(({ parameters }) =>
    [...parameters.values()].flatMap(({ kind }) => kind.words ?? []),
  ),
]);
