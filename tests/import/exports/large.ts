// deno run -A tests/import/exports/large.ts [FORMAT MEGABYTES [whole|killed|both]]: imports a large export, whole and killed in
// the middle and started again. Prints time and memory; fails when it takes too much memory, or anything of it is not here.
// Without options it imports exports of Discord of 20 and of 200 MB. It takes minutes, so it is not a test.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isDeepStrictEqual } from "node:util";
import postgres from "postgres";
import { startStack } from "../../../local/stack_process.ts";
import { type Expected, FOUND, growExport, type GrownFormat } from "./grow.ts";

const MAX_MEGABYTES = 300;
const POLL_MS = 200;

const [format = "discord", megabytes, how = "both"] = process.argv.slice(2);
const sizes = megabytes === undefined ? [20, 200] : [Number(megabytes)];

await using stack = await startStack({});
const sql = postgres(stack.status.db_url, { max: 1, onnotice: () => {} });
// The search index is built afterwards, by a job that would be measured, too.
await sql`update chat_private.jobs set next_run_at = 'infinity' where name = 'index_messages'`;
for (const size of sizes) {
  const folder = await mkdtemp(join(tmpdir(), "parley-large-"));
  try {
    await measure(format as GrownFormat, size, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
await sql.end();

async function measure(format: GrownFormat, megabytes: number, folder: string): Promise<void> {
  const { path, expected } = await growExport(format, { folder, megabytes });
  const messages = Object.values(expected).reduce((sum, room) => sum + room.messages, 0);
  const say = (words: string, { seconds, peak }: Ran, isWhole: boolean) => {
    const isFine = isWhole && peak <= MAX_MEGABYTES;
    if (!isFine) process.exitCode = 1;
    console.log(
      `${format}, ${megabytes} MB, ${messages} messages, ${words}: ${seconds.toFixed(0)} s, ${
        peak.toFixed(0)
      } MB of memory, ` +
        (isWhole ? "all of it is here" : "NOT all of it is here"),
    );
  };
  const options = { path, format, folder, messages };
  if (how !== "killed") {
    const name = `whole-${megabytes}`;
    const ran = await importExport({ ...options, name });
    say("at once", ran, await isHere(name, expected));
  }
  if (how !== "whole") {
    const name = `killed-${megabytes}`;
    const killed = await importExport({ ...options, name, isKilled: true });
    const part = await found(name);
    const isWhole = Object.entries(part).every(([room, counted]) => isDeepStrictEqual(counted, expected[room]));
    say(`killed with ${Object.keys(part).length} rooms of ${Object.keys(expected).length} written`, killed, isWhole);
    say("started again", await importExport({ ...options, name }), await isHere(name, expected));
  }
}

async function found(name: string): Promise<Expected> {
  const rooms = await sql.unsafe(FOUND, [name]);
  return Object.fromEntries(rooms.map(({ name, ...room }) => [name, { ...room }])) as Expected;
}

async function isHere(name: string, expected: Expected): Promise<boolean> {
  return isDeepStrictEqual(await found(name), expected);
}

interface Ran {
  seconds: number;
  /** The highest memory in megabytes, as Linux knows it. */
  peak: number;
}

/** Runs the import, or half of it. */
async function importExport(
  { path, format, folder, messages, name, isKilled = false }: {
    path: string;
    format: string;
    folder: string;
    messages: number;
    name: string;
    isKilled?: boolean;
  },
): Promise<Ran> {
  const began = performance.now();
  const flags = ["--v8-flags=--max-semi-space-size=2", "-A"];
  const options = [format, path, "--name", name, "--db-url", stack.status.db_url];
  const temporary = join(folder, "temporary");
  await mkdir(temporary);
  const child = spawn(process.execPath, ["run", ...flags, "scripts/import.ts", ...options], {
    stdio: "inherit",
    env: { ...process.env, TMPDIR: temporary },
  });
  let peak = 0;
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    if (!isKilled) return;
    const [written] = await sql`
      select coalesce(sum(last_seq), 0)::integer as count
      from chat_private.imports join chat_private.imported_rows as known on import_id = imports.id and known.kind = 'room'
      join chat.rooms on rooms.id = known.target_id where imports.name = ${name}`;
    if (written!.count > messages / 3) child.kill("SIGKILL");
  }, POLL_MS);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on("exit", (...ended) => resolve(ended))
  );
  clearInterval(timer);
  await rm(temporary, { recursive: true });
  if (isKilled ? signal !== "SIGKILL" : code !== 0) throw new Error(`The import ended with ${code ?? signal}.`);
  return { seconds: (performance.now() - began) / 1000, peak };
}
