import { availableParallelism } from "node:os";
import process from "node:process";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { sqlTests } from "./tests/sql/plugin.ts";

// Generous: what is waited for comes sooner on any machine that is not overloaded.
const shared = {
  globalSetup: ["tests/setup.ts"],
  setupFiles: ["tests/lite_only.ts"],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 20_000 } },
};

// The files of such a project share what they import: importing it again for each file takes long.
const together = { ...shared, isolate: false };

// Tests of Supabase Auth itself, whose program npm run test:auth names.
const supabaseAuth = { name: "auth", include: ["tests/auth/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 };

/** Vitest begins with large files. This one is small, and takes a minute, which others would wait for at the end. */
const LONGEST = "tests/sql/570_search_messages_pages.test.sql";
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(LONGEST);
    return (await super.sort(files)).toSorted((one, other) => Number(isLongest(other)) - Number(isLongest(one)));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Most tests wait most of their time: four files at once on two processors as well.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    teardownTimeout: 60_000,
    // supabase-js says on Node 20 that it prefers 22.
    onConsoleLog: (text) => !text.includes("Node.js 20 and below are deprecated"),
    projects: [
      { plugins: [sqlTests()], test: { ...together, name: "sql", include: ["tests/sql/**/*.test.{sql,ts}"] } },
      { test: { ...together, name: "api", include: ["tests/api/**/*.test.ts"] } },
      { test: { ...together, name: "import", include: ["tests/import/**/*.test.ts"] } },
      { test: { ...together, name: "fuzz", include: ["tests/fuzz/**/*.test.ts"] } },
      { test: { ...together, name: "realtime", include: ["tests/realtime/**/*.test.ts"] } },
      { test: { ...together, name: "relay", include: ["tests/relay/**/*.test.ts"] } },
      {
        test: {
          ...together,
          name: "client",
          include: ["tests/client/**/*.test.ts"],
          setupFiles: [...shared.setupFiles, "tests/client/after_each_file.ts"],
        },
      },
      { test: { ...together, name: "delivery", include: ["tests/delivery/**/*.test.ts"] } },
      { test: { ...together, name: "model", include: ["tests/model/**/*.test.ts"] } },
      {
        test: {
          ...together,
          name: "browser",
          include: ["tests/browser/**/*.test.ts"],
          globalSetup: ["scripts/page.mjs", ...shared.globalSetup, "tests/browser/setup.ts"],
        },
      },
      {
        test: {
          name: "cli",
          isolate: false,
          include: ["tests/cli/**/*.test.ts"],
          globalSetup: ["tests/cli/setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      // Starts stacks of its own.
      {
        test: {
          name: "local",
          isolate: false,
          include: ["tests/local/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      ...(process.env.PARLEY_AUTH ? [{ test: supabaseAuth }] : []),
    ],
  },
});
