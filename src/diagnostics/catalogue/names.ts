import { visible } from "../visible.js";
import { error, warning } from "./entry.js";

const meant = ({ nearest }: { nearest?: string | undefined }): string | undefined =>
  nearest === undefined ? undefined : `did you mean '${visible(nearest)}'?`;

/** CNN2xx: names that are unknown, taken or misplaced. */
export const names = {
  "unknown-name": error<{ name: string; nearest?: string | undefined }>(
    "CNN201",
    ({ name }) => `there is no operator, block or value called '${name}'`,
    meant,
  ),
  "unknown-parameter": error<{
    callee: string;
    name: string;
    known: string;
    nearest?: string | undefined;
  }>(
    "CNN202",
    ({ callee, name }) => `${callee} has no parameter '${name}'`,
    ({ known, nearest }) =>
      meant({ nearest }) ?? (known === "" ? "it takes no parameters" : `it takes ${known}`),
  ),
  "name-reserved": error<{ name: string; what: string }>(
    "CNN203",
    ({ name, what }) => `'${name}' is the name of ${what} and cannot name something else`,
    ({ name }) => `choose another name, such as '${name}_'`,
  ),
  "name-taken": error<{ name: string }>("CNN204", ({ name }) => `'${name}' is already a name here`),
  "path-taken": error<{ path: string; repeated: boolean }>(
    "CNN205",
    ({ path }) => `another stage already has the path '${visible(path)}'`,
    ({ repeated }) =>
      repeated
        ? 'every pass of repeat would have it: use for with a numbered label, "name{i}": …'
        : "give one of them another label",
  ),
  "unknown-model": error<{ name: string; known: string; nearest?: string | undefined }>(
    "CNN206",
    ({ name, known }) => `there is no model '${name}' here, only ${known}`,
    meant,
  ),
  "several-models": error<{ known: string }>(
    "CNN207",
    ({ known }) => `the file has several models, ${known}, and none was picked`,
    () => "name one with --model or the option model",
  ),
  "no-model": error<{ file: string }>(
    "CNN208",
    ({ file }) => `${file} has no model`,
    () => "write model Name { input …  output … }",
  ),
  "unknown-model-parameter": error<{
    model: string;
    name: string;
    known: string;
    nearest?: string | undefined;
  }>(
    "CNN209",
    ({ model, name }) => `model ${model} has no parameter '${name}' to set`,
    ({ known, nearest }) =>
      meant({ nearest }) ?? (known === "" ? "it has no parameters" : `it has ${known}`),
  ),
  "recursive-block": error<{ cycle: string }>(
    "CNN210",
    ({ cycle }) => `a block cannot contain itself: ${cycle}`,
    () => "use repeat or for",
  ),
  "import-cycle": error<{ cycle: string }>(
    "CNN211",
    ({ cycle }) => `a file cannot import itself: ${cycle}`,
  ),
  "file-outside-root": error<{ path: string; root: string }>(
    "CNN212",
    ({ path, root }) => `${path} is outside the project's root ${root}`,
    () => "move the file, or choose another root with --root",
  ),
  "file-not-found": error<{ path: string }>("CNN213", ({ path }) => `there is no file ${path}`),
  "unknown-path": error<{ path: string; nearest?: string | undefined }>(
    "CNN214",
    ({ path }) => `there is no stage at the path '${visible(path)}'`,
    meant,
  ),
  "port-taken": error<{ what: string; name: string }>(
    "CNN215",
    ({ what, name }) => `there is already an ${what} called '${visible(name)}'`,
  ),
  "no-output": error<{ model: string }>(
    "CNN216",
    ({ model }) => `model ${model} has no output`,
    () => "end it with output name",
  ),
  "no-input": error<{ model: string }>(
    "CNN217",
    ({ model }) => `model ${model} has no input`,
    () => "begin it with input name: f32[channels, height, width]",
  ),
  "statement-misplaced": error<{ statement: string; allowed: string }>(
    "CNN218",
    ({ statement, allowed }) => `${statement} stands ${allowed} only`,
  ),
  "label-misplaced": error<{ label: string; what: string }>(
    "CNN219",
    ({ label, what }) =>
      `the label '${visible(label)}' stands before ${what}, and only stages take labels`,
  ),
  "fact-misplaced": error<{ name: string }>(
    "CNN220",
    ({ name }) => `'${name}' is known only once the model is complete: it stands in assert only`,
  ),
  "not-a-stage": error<{ name: string; what: string }>(
    "CNN221",
    ({ name, what }) => `'${name}' is ${what} and cannot stand where a stage is wanted`,
  ),
  "stage-misplaced": error<{ where: string }>(
    "CNN222",
    ({ where }) => `${where} holds values known at compile time and cannot make a stage`,
  ),
  "unknown-setting": error<{ name: string; known: string; nearest?: string | undefined }>(
    "CNN223",
    ({ name }) => `an input has no setting '${name}'`,
    ({ known, nearest }) => meant({ nearest }) ?? `there are ${known}`,
  ),
  "unknown-attribute": error<{
    name: string;
    of: string;
    known: string;
    nearest?: string | undefined;
  }>(
    "CNN224",
    ({ name, of }) => `${of} has no '.${name}'`,
    ({ known, nearest }) => meant({ nearest }) ?? (known === "" ? undefined : `there are ${known}`),
  ),
  "bad-label": error<{ label: string; why: string }>(
    "CNN225",
    ({ label, why }) => `'${visible(label)}' cannot be a label: ${why}`,
  ),
  "statement-repeated": error<{ statement: string }>(
    "CNN226",
    ({ statement }) => `a model has one ${statement} statement only`,
  ),
  "unknown-grant": error<{ name: string; known: string; nearest?: string | undefined }>(
    "CNN227",
    ({ name }) => `optimize has no line '${name}'`,
    ({ known, nearest }) => meant({ nearest }) ?? `there are ${known}`,
  ),
  "model-parameter-unset": error<{ model: string; name: string }>(
    "CNN228",
    ({ model, name }) => `the parameter '${name}' of model ${model} has no value`,
    ({ name }) => `give it a default, or set it from outside: --set ${name}=…`,
  ),
  "unused-result": warning<{ what: string }>(
    "CNN229",
    ({ what }) => `the result of ${visible(what)} reaches no output`,
    () => "remove it, or use it: it is not part of the compiled model",
  ),
};
