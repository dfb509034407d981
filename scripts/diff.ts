// npm run db:diff: what sql/ says now that the database of the running stack does not have yet.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { readStatus, startStack } from "./stack.ts";

const { data } = parseArgs({ options: { data: { type: "string", default: ".local" } } }).values;
const running = await readStatus(join(data, "status.json"));
if (!running) {
  console.error(`No stack runs on ${data}: run \`npm start\` in another terminal first.`);
  process.exit(1);
}

const { status } = spawnSync(process.execPath, ["run", "-A", "scripts/migration.ts"], { stdio: "inherit" });
if (status !== 0) process.exit(1);

const fresh = await startStack();
try {
  const ends = ["--from", running.db_url, "--to", fresh.status.db_url, "--schema", "chat,chat_private"];
  const supabase = join("node_modules", ".bin", "supabase");
  const diff = spawnSync(supabase, ["db", "diff", ...ends], { stdio: "inherit" });
  process.exitCode = diff.status ?? 1;
} finally {
  await fresh.stop();
}
