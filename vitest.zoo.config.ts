import { defineConfig } from "vitest/config";

/** Differential tests against reference engines, which `test/zoo` installs. Run by `npm run test:zoo`. */
export default defineConfig({
  test: { include: ["test/zoo/*.test.ts"], testTimeout: 120_000, fileParallelism: false },
});
