// npm run generate: writes every generated file; `npm run check` fails when one is stale.
import { spawnSync } from "node:child_process";
import process from "node:process";

/** In the order in which they depend on each other. */
const GENERATORS = [
  "scripts/types.ts",
  "scripts/settings.ts",
  "scripts/catalogues.ts",
  "tests/sql/permissions/page.ts",
  "tests/upstream/page.ts",
];

for (const generator of GENERATORS) {
  const { status } = spawnSync(process.execPath, ["run", "-A", generator], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
