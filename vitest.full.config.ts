import { defineConfig } from "vitest/config";

/** What takes minutes: networks at full size and long fuzzing. Run by `npm run test:full`. */
export default defineConfig({
  test: {
    include: ["test/full/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
