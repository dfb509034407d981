// npm run fuzz: any amount of hostile input, to a stack of its own or the one that PARLEY_STATUS names.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    count: { type: "string", short: "n", default: "10000" },
    seed: { type: "string", short: "s", default: `${Math.floor(Math.random() * 2 ** 31)}` },
    api: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});

if (values.help) {
  console.log("npm run fuzz -- [--count 10000] [--seed NUMBER] [--api messenger,social,…], all APIs without it");
} else {
  const env = {
    ...process.env,
    FUZZ_COUNT: values.count,
    FUZZ_SEED: values.seed,
    ...(values.api && { FUZZ_APIS: values.api }),
    FUZZ_PROGRESS: "1",
  };
  const options = ["run", "--project", "fuzz", "--silent=false", "--disable-console-intercept"];
  const { status } = spawnSync("node", ["node_modules/vitest/vitest.mjs", ...options], { env, stdio: "inherit" });
  process.exit(status ?? 1);
}
