import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { Report } from "../../src/diagnostics/report.js";
import { checkNames } from "../../src/dsl/elaborate.js";

/** One model of an example's file. */
export interface ExampleModel {
  /** The example's folder. */
  readonly name: string;
  readonly file: string;
  readonly model: string;
}

const folder = path.join(import.meta.dirname, "..", "..", "examples");

/** All models of all examples. */
export const exampleModels: readonly ExampleModel[] = readdirSync(folder).flatMap((name) => {
  const file = path.join(folder, name, `${name}.cnn`);
  const models = checkNames(file, { read: readFileSync }, new Report());
  return models.map((model) => ({ name, file, model }));
});
