import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";
import { Progress } from "../progress.ts";
import type { Project } from "../project.ts";
import { Refusal } from "../refusal.ts";
import type { Since } from "../since.ts";
import { Report } from "../writer/report.ts";
import { stage } from "../writer/stage.ts";
import { Target } from "../writer/target.ts";
import { type FormatOptions, FORMATS } from "./formats.ts";
import { MessageFiles } from "./files.ts";
import { openInput } from "./input.ts";
import { numberOf } from "./hashes.ts";
import { NamedNotes } from "./named_notes.ts";
import { type SamePeople, stagedPerson } from "./people.ts";
import { importRooms } from "./rooms.ts";
import { type Older, Spool } from "./spool.ts";

/** The exit code of an import that has left something out. */
const LEFT_OUT = 2;
const KINDS = {
  person: "people",
  room: "rooms",
  member: "members",
  message: "messages",
  pin: "pins",
  file: "files",
} as const;

/** What to import, and how. */
interface Options extends FormatOptions {
  format: string;
  file: string;
  /** What this source is called: a second workspace of the same product needs a name of its own. */
  name?: string;
  /** The file that says who of the export is who here. */
  samePeople?: string;
  /** Whether no room is public here, not even one that was there. */
  isPrivate: boolean;
  /** A folder that has files of messages. */
  media?: string;
  /** Whether files of messages stay where they are. */
  noFiles: boolean;
  /** Whose Storage takes the files, if that is known. */
  project: Project | undefined;
  /** The file that lists everything that was left out. */
  report?: string;
  /** From when on messages are read, if not all are. */
  since?: Since;
  dryRun: boolean;
}

/**
 * Imports the export of another chat, and prints what came.
 * @returns the exit code: 2 when something was left out.
 * @throws Refusal when nothing can be imported.
 */
export async function importExport(open: () => Promise<Sql>, options: Options): Promise<number> {
  const { format, file, name = format, isPrivate, media, dryRun } = options;
  const report = new Report(options.report);
  const progress = new Progress();
  const startedAt = new Date();
  const input = await openInput(file, (part) => progress.show("Reading", part), media);
  const older = options.since && await olderOf(open, name, options.since);
  const spool = new Spool(report, older);
  try {
    for await (const record of FORMATS[format]!(input, options)) spool.add(record);
    spool.finish();
    progress.end();
    const counted = Object.entries(KINDS).map(([kind, many]) =>
      `  ${many}: ${number(spool.counts[kind as keyof typeof KINDS])}`
    );
    const skipped = older
      ? [`  ${number(spool.skipped)} messages of before ${older.since.toISOString()} are left there`]
      : [];
    console.log([`${file} as ${format}:`, ...counted, ...skipped].join("\n"));
    const sql = await open();
    try {
      const same = await samePeopleOf(sql, options.samePeople, spool);
      const notes = new NamedNotes(spool, report);
      const target = new Target(sql, notes);
      const files = new MessageFiles({
        ...{ input, spool, target, report, progress, dryRun, project: options.project },
        isWanted: !options.noFiles,
        hasFolder: media !== undefined,
      });
      await files.look();
      const began = performance.now();
      let came: Awaited<ReturnType<Target["came"]>> = {};
      const times = {
        since: older?.since,
        seenUntil: new Date(Math.min(startedAt.getTime(), spool.newest ?? Infinity)),
      };
      await target.run({ name, kind: format, isDatabase: false, dryRun }, async () => {
        await importPeople(target, spool, `${format}:${name}`, same, report);
        let done = 0;
        const onMessages = (count: number) => progress.show("Messages", (done += count) / (spool.counts.message || 1));
        await importRooms({ spool, target, report, files, isPrivate, onMessages });
        came = await target.came();
        await target.finish(times);
      });
      notes.flush();
      progress.end();
      reportUnknown(spool, came, report, files.left);
      console.log(describe(spool, came, (performance.now() - began) / 1000));
    } finally {
      await sql.end();
    }
  } finally {
    progress.end();
    spool.remove();
    input.close();
  }
  const sentences = await report.end();
  if (sentences) console.log(sentences);
  if (dryRun) console.log("This was a dry run: nothing was written.");
  return report.lost() > 0 ? LEFT_OUT : 0;
}

/** What is not read: messages of before a time, of rooms that have come before. */
async function olderOf(open: () => Promise<Sql>, name: string, since: Since): Promise<Older> {
  const sql = await open();
  try {
    const time = (await new Target(sql, { add: () => {} }).since(name, since))!;
    const rows = await sql<{ id: string }[]>`
      select source_id::text as id from chat_private.imported_rows as known join chat_private.imports on imports.id = import_id
      where imports.name = ${name} and known.kind = 'room'`;
    const known = new Set(rows.map(({ id }) => id));
    return { since: time, isKnown: (room) => known.has(String(numberOf("room", room))) };
  } finally {
    await sql.end();
  }
}

const number = (count: number) => count.toLocaleString("en");

/** Reads who is who: an object of ids there and usernames here. */
async function samePeopleOf(sql: Sql, path: string | undefined, spool: Spool): Promise<SamePeople> {
  if (path === undefined) return new Map();
  let same: SamePeople;
  try {
    same = new Map(Object.entries(JSON.parse(await readFile(path, "utf8"))));
  } catch (error) {
    throw new Refusal(`${path} is not a file of --same-people: ${(error as Error).message}`);
  }
  const known = new Set<string>();
  for (const people of spool.people()) for (const { id } of people) if (same.has(id)) known.add(id);
  for (const [id, username] of same) {
    if (!known.has(id)) throw new Refusal(`${path} names ${id}, who is not in the export.`);
    const [found] = await sql`select chat_private.person_named(${String(username)}) as id`;
    if (!found?.id) throw new Refusal(`${path} says that ${id} is ${username}, and nobody here has this username.`);
  }
  return same;
}

async function importPeople(
  target: Target,
  spool: Spool,
  source: string,
  same: SamePeople,
  report: Report,
): Promise<void> {
  for (const people of spool.people()) {
    await target.unit(async (transaction) => {
      await stage(transaction, "stage_people", people.map((person) => stagedPerson(source, person, same, report)));
      await target.write(transaction, "people");
    });
  }
}

type Came = Record<string, { here: number; added: number }>;

/** Both sides are counted: what neither came nor was reported is reported now. */
function reportUnknown(spool: Spool, came: Came, report: Report, filesLeft: number): void {
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    const left = kind === "file" ? filesLeft : 0;
    const missing = spool.counts[kind] - (came[kind]?.here ?? 0) - report.lost(kind) - left;
    if (missing > 0) {
      report.add({ kind, source_id: "", reason: `${missing} of them, for no reason that is known`, is_lost: true });
    }
  }
}

function describe(spool: Spool, came: Came, seconds: number): string {
  const lines = Object.entries(KINDS).map(([kind, many]) => {
    const { here = 0, added = 0 } = came[kind] ?? {};
    const news = kind === "member" ? "" : `, ${number(added)} of them new`;
    return `  ${many}: ${number(here)} of ${number(spool.counts[kind as keyof typeof KINDS])}${news}`;
  });
  return [`Imported in ${seconds.toFixed(1)} s:`, ...lines].join("\n");
}
