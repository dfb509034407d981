// npm run db:diff: prints the SQL that changes the database of the running stack to what sql/ describes.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { readStatus, startStack } from "../local/stack_process.ts";

const { data } = parseArgs({ options: { data: { type: "string", default: ".local" } } }).values;
const running = await readStatus(join(data, "status.json"));
if (!running) {
  console.error(`No stack runs on ${data}: run \`npm start\` in another terminal first.`);
  process.exit(1);
}

const { status } = spawnSync(process.execPath, ["run", "-A", "scripts/migration.ts"], { stdio: "inherit" });
if (status !== 0) process.exit(1);

const fresh = await startStack();
const folder = await mkdtemp(join(tmpdir(), "parley-diff-"));
try {
  const file = join(folder, "diff.sql");
  const ends = ["--from", running.db_url, "--to", fresh.status.db_url, "--schema", "chat,chat_private"];
  const command = ["db", "diff", ...ends, "--output", file];
  const diff = spawnSync(join("node_modules", ".bin", "supabase"), command, { encoding: "utf8" });
  const sql = (await readFile(file, "utf8").catch(() => "")).trim();
  if (diff.status === 0) console.log(sql || "The running database matches sql/.");
  else console.error(`${diff.stdout}${diff.stderr}`);
  process.exitCode = diff.status ?? 1;
} finally {
  await rm(folder, { recursive: true });
  await fresh.stop();
}
