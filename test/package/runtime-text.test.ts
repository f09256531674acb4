import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { runtimeText } from "../../scripts/embed-runtime.js";

test("the embedded runtime is that of src/runtime (else run scripts/embed-runtime.ts)", async () => {
  const file = new URL("../../src/codegen/package/runtime-text.ts", import.meta.url);
  expect(await runtimeText()).toBe(await readFile(file, "utf8"));
});
