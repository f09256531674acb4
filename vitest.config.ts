import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/hosts/**", "test/zoo/**", "test/full/**"],
    testTimeout: 30_000,
  },
});
