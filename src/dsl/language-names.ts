import { keywords } from "./inputs.js";
import { merges } from "./merges.js";
import { numberFunctions } from "./numbers.js";
import { operators } from "./operators/index.js";
import { factNames, optionWords } from "./reserved.js";

/** Every name that the language has taken: what a generated model may not call its values and blocks. */
export const languageNames: ReadonlySet<string> = new Set([
  ...operators.keys(),
  ...merges.keys(),
  ...numberFunctions.keys(),
  ...factNames,
  ...optionWords,
  ...keywords,
]);
