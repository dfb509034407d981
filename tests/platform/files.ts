import { graphOf, readModules } from "../../scripts/check/modules.ts";

/** Modules that start a stack, or look at the processes of one. */
const NEEDS_OWN_STACK = ["local/stack_process.ts", "tests/fuzz/memory.ts"];
/** The folders of tests that no other stack can run: they are about `local/`, or start a stack in their set-up. */
const OF_LOCAL = ["tests/local/", "tests/cli/"];
/** The page as the gateway of `local/` serves it. */
const OF_GATEWAY = ["tests/browser/serving.test.ts"];

/** The test files that need a stack of their own, or are about `local/`. */
export function leftOut(): string[] {
  const graph = graphOf(readModules(), ["code"]);
  const needing = new Set(NEEDS_OWN_STACK);
  for (const path of needing) {
    for (const [importer, imported] of graph) if (imported.has(path)) needing.add(importer);
  }
  const files = [...graph.keys()].filter((path) => path.endsWith(".test.ts"));
  return files.filter((path) =>
    needing.has(path) || OF_GATEWAY.includes(path) || OF_LOCAL.some((folder) => path.startsWith(folder))
  ).sort();
}
