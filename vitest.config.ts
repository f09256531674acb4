import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/hosts/**", "test/zoo/**", "test/full/**"],
    testTimeout: 30_000,
    // Nothing here has global state, so files share their workers: the compiler is loaded once in each.
    isolate: false,
    maxWorkers: 2,
  },
});
