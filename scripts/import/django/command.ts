import type { Sql } from "postgres";
import { Progress } from "../progress.ts";
import type { Project } from "../project.ts";
import { Refusal } from "../refusal.ts";
import type { Since } from "../since.ts";
import { importConversations } from "./conversations.ts";
import { isUuid, Keys, placeOf } from "./keys.ts";
import { NO_MAPPING, readMapping } from "./mapping.ts";
import { type Kind, KINDS, type ModelName } from "./models.ts";
import { clean } from "../writer/texts.ts";
import { stagedPerson } from "./people.ts";
import { Pictures } from "./pictures.ts";
import {
  countOf,
  doubledProfilesOf,
  endedTokensOf,
  friendsOf,
  idsOf,
  isEmptyOf,
  lostRowsOf,
  namelessOf,
  newestOf,
  onlySince,
  peopleOf,
  postsOf,
  requestsOf,
  sampleOf,
} from "./queries.ts";
import { type Found, recognise, type Recognised } from "./recognise.ts";
import { Report } from "../writer/report.ts";
import { importRooms } from "./rooms.ts";
import { openSource } from "./sources/open.ts";
import type { Row, Source, Table } from "./sources/source.ts";
import { stage, type Staged } from "../writer/stage.ts";
import { Target } from "../writer/target.ts";

/** The exit code of an import that has left something out. */
const LEFT_OUT = 2;

/** How many rows are prepared at once: a person's picture is uploaded. */
const AT_ONCE = 8;

/** What to import, and how. */
interface Options {
  /** The old database. */
  from: string;
  as: string;
  /** The mapping file. */
  map?: string;
  /** What this import is called: a repeated one has the same name. */
  name?: string;
  /** The file that lists everything that was left out. */
  report?: string;
  /** The old backend's files, and the project that they go to. */
  media?: { folder: string; project: Project };
  /** From when on rows are read, if not all are. */
  since?: Since;
  dryRun: boolean;
}

/** What each model of a backend becomes. */
const COUNTED: Partial<Record<ModelName, string>> = {
  person: "person",
  friend: "friend",
  post: "post",
  room: "room",
  member: "member",
  message: "message",
  pin: "pin",
  conversation: "conversation",
  turn: "turn",
  exchange: "turn",
};

/**
 * Imports the database of a Django backend, and prints what came.
 * @returns the exit code: 2 when something was left out.
 * @throws Refusal when nothing can be imported.
 */
export async function importDjango(open: () => Promise<Sql>, options: Options): Promise<number> {
  const kind = KINDS.find((kind) => kind === options.as);
  if (!kind) throw new Refusal(`--as is one of ${KINDS.join(", ")}.`);
  const { media, dryRun, name = kind } = options;
  const startedAt = new Date();
  const pictures = media && await Pictures.open(media.folder, media.project, dryRun);
  const mapping = options.map === undefined ? NO_MAPPING : await readMapping(options.map);
  const progress = new Progress();
  const source = await openSource(options.from, (part) => progress.show("Reading the dump", part));
  progress.end();
  let sql: Sql | undefined;
  try {
    const whole = recognise(kind, await tablesOf(source), mapping);
    const seenUntil = await seenUntilOf(source, whole, startedAt);
    if (options.since) sql = await open();
    const since = options.since && await new Target(sql!, NO_REPORT).since(name, options.since);
    const recognised = since ? { ...whole, models: onlySince(whole.models, source, since) } : whole;
    const counts = await countsOf(source, recognised);
    console.log(describeSource(source, kind, recognised, counts, since));
    await refuseDoubledProfiles(source, recognised);
    const times = { since, seenUntil };
    return await importAll(sql ??= await open(), source, recognised, counts, kind, options, times, progress, pictures);
  } finally {
    progress.end();
    await sql?.end();
    await source.close();
  }
}

const NO_REPORT = { add: () => {} };

/** Until when the source says what has happened: a copy may be older than its import. */
async function seenUntilOf(source: Source, { models }: Recognised, startedAt: Date): Promise<Date> {
  const model = models.message ?? models.turn ?? models.exchange;
  if (!model || !("created_at" in model.columns)) return startedAt;
  const { newest } = await firstRow(source, newestOf(model));
  const time = placeOf(newest) / 1000;
  return time > 0 && time < startedAt.getTime() ? new Date(time) : startedAt;
}

/** The tables, and which of them are empty: of two that look alike, the one with rows is meant. */
async function tablesOf(source: Source): Promise<Table[]> {
  const tables = await source.tables();
  for (const table of tables) table.isEmpty = (await firstRow(source, isEmptyOf(table.name))).is_empty === "1";
  return tables;
}

/** Each person would come once for each row. */
async function refuseDoubledProfiles(source: Source, { models: { profile } }: Recognised): Promise<void> {
  if (!profile || (await firstRow(source, doubledProfilesOf(profile))).count === "0") return;
  throw new Refusal(
    `${profile.table} has several rows of one person, so it has no profiles: name the table that has, or leave them out, ` +
      'as {"tables": {"profile": null}}.',
  );
}

type Counts = Map<string, number>;

async function countsOf(source: Source, { models, unknown }: Recognised): Promise<Counts> {
  const counts: Counts = new Map();
  const tables = [...Object.values(models), ...unknown.map((table) => ({ table }))];
  for (const found of tables) counts.set(found.table, Number((await firstRow(source, countOf(found))).count));
  return counts;
}

async function firstRow(source: Source, statement: string): Promise<Row> {
  const found: Row[] = [];
  for await (const rows of source.rows(statement)) found.push(...rows);
  return found[0]!;
}

function describeSource(
  source: Source,
  kind: Kind,
  { models, unknown }: Recognised,
  counts: Counts,
  since: Date | undefined,
): string {
  const number = (table: string) => counts.get(table)!.toLocaleString("en");
  const lines = Object.values(models).map(({ table, title, unused, isNewer }) => {
    const rest = unused.length > 0 ? `; not imported: ${unused.join(", ")}` : "";
    return `  ${title}: ${number(table)} in ${table}${isNewer ? ` since ${since!.toISOString()}` : ""}${rest}`;
  });
  const others = unknown.map((table) => `  ${table}: ${number(table)} rows, which are of no known kind`);
  return [`${source.title} as ${kind}:`, ...lines, ...others].join("\n");
}

async function importAll(
  sql: Sql,
  source: Source,
  recognised: Recognised,
  counts: Counts,
  kind: Kind,
  { name = kind, report: path, dryRun }: Options,
  { since, seenUntil }: { since?: Date; seenUntil: Date },
  progress: Progress,
  pictures?: Pictures,
): Promise<number> {
  const keys = new Keys();
  const report = new Report(path, (number) => keys.keyOf(number));
  const target = new Target(sql, report);
  const { models, unknown } = recognised;
  const began = performance.now();
  let here: Record<string, number> = {};
  let read = 0;
  const onRead = (count: number) => read += count;
  for (const table of unknown.filter((table) => counts.get(table)! > 0)) {
    report.add({ kind: "table", source_id: table, reason: "a table of no known kind", is_lost: true });
  }
  for (const { table, note } of Object.values(models)) {
    if (note) report.add({ kind: "table", source_id: table, reason: note, is_lost: false });
  }
  try {
    await target.run({ name, kind, isDatabase: true, since, dryRun }, async () => {
      await reserveIds(source, target, models);
      const people = countOn(progress, "People", counts.get(models.person!.table)!);
      const origin = { name, found: models.person!, report, keys, pictures };
      await importBatches(target, source.rows(peopleOf(models)), "stage_people", "people", async (row) => {
        const person = await stagedPerson(origin, row);
        people(1);
        return person;
      });
      if (models.friend) {
        await importBatches(
          target,
          source.rows(friendsOf(models)),
          "stage_friends",
          "friends",
          ({ owner, friend }) => ({
            owner: keys.numberOf(owner),
            friend: keys.numberOf(friend),
          }),
        );
      }
      if (models.friend) {
        for await (const rows of source.rows(requestsOf(models))) {
          for (const { owner, friend, state } of rows) {
            const reason = "a request that nobody has accepted: it is no friendship";
            report.add({
              kind: "friend",
              source_id: keys.keyOf(owner!),
              reason,
              is_lost: true,
              detail: `${friend}, ${state}`,
            });
          }
        }
      }
      if (models.post) {
        await importBatches(
          target,
          source.rows(postsOf(models)),
          "stage_posts",
          "posts",
          ({ id, author, title, content, created_at }) => ({
            source_id: keys.numberOf(id),
            author: keys.numberOf(author),
            created_at,
            title: clean(title),
            content: clean(content),
          }),
        );
      }
      if (models.endedToken) {
        await importBatches(target, source.rows(endedTokensOf(models)), "stage_tokens", "tokens", (row) => row);
      }
      if (models.room) {
        const onMessages = countOn(progress, "Messages", counts.get(models.message!.table)!);
        await importRooms({ kind, source, target, report, keys, models, onRead, onMessages });
      } else {
        const onConversations = countOn(progress, "Conversations", counts.get(models.conversation!.table)!);
        await importConversations({ name, source, target, report, keys, models, onRead, onConversations });
      }
      await reportLostRows(source, recognised, report);
      here = await target.counts();
      if (since) {
        const came = await target.came();
        for (const kind of ["message", "turn", "post"]) here[kind] = came[kind]?.here ?? 0;
      }
      await target.finish({ since, seenUntil });
    });
  } finally {
    progress.end();
  }
  const limited = models.message ?? models.turn ?? models.exchange;
  // Marks and pins name older messages, and rooms that are new here may have some.
  if (limited?.isNewer) counts.set(limited.table, Math.max(counts.get(limited.table)!, read));
  for (const model of Object.keys(models) as ModelName[]) {
    const kind = COUNTED[model];
    if (kind === undefined) continue;
    const there = counts.get(models[model]!.table)!;
    const lost = report.lost(kind === "turn" ? "message" : kind);
    if (there > (here[kind] ?? 0) + lost) {
      const reason = `${there - (here[kind] ?? 0) - lost} rows, for no reason that is known`;
      report.add({ kind, source_id: "", reason, is_lost: true });
    }
  }
  console.log(describeTarget(recognised, counts, here, (performance.now() - began) / 1000));
  const sentences = await report.end();
  if (sentences) console.log(sentences);
  if (dryRun) console.log("This was a dry run: nothing was written.");
  return report.lost() > 0 ? LEFT_OUT : 0;
}

/** Rows of a room, a conversation or a person who does not exist: an old database may have them, without foreign keys. */
async function reportLostRows(source: Source, { models }: Recognised, report: Report): Promise<void> {
  const leading: [ModelName, string, ModelName, string][] = [
    ["message", "room", "room", "a message of a room that does not exist"],
    ["member", "room", "room", "a member of a room that does not exist"],
    ["turn", "conversation", "conversation", "a message of a conversation that does not exist"],
    ["exchange", "conversation", "conversation", "a question of a conversation that does not exist"],
  ];
  for (const [name, field, other, reason] of leading) {
    if (!models[name] || !models[other]) continue;
    const kind = name === "exchange" || name === "turn" ? "message" : name;
    for await (const rows of source.rows(lostRowsOf(models, name, field, other))) {
      for (const { id, named } of rows) {
        report.add({ kind, source_id: id ?? "", reason, is_lost: true, detail: named ?? "none" });
      }
    }
  }
  if (!models.message || !("sender_name" in models.message.columns)) return;
  for await (const rows of source.rows(namelessOf(models))) {
    for (const { id, named } of rows) {
      const reason = "a sender without an account: the message has no sender";
      report.add({ kind: "sender", source_id: id!, reason, is_lost: true, detail: named });
    }
  }
}

/** The ids of the old backend stay free for its rows: new rows get higher ones. */
async function reserveIds(source: Source, target: Target, models: Recognised["models"]): Promise<void> {
  const sequences: [Found | undefined, string, string][] = [
    [models.person, "chat.profiles", "number"],
    [models.post, "chat.posts", "id"],
    [models.room, "chat.rooms", "id"],
    [models.message, "chat.messages", "id"],
    [models.pin, "chat.pins", "id"],
    [models.turn ?? models.exchange, "chat.conversation_messages", "id"],
  ];
  for (const [model, table, column] of sequences) {
    if (!model) continue;
    const sample = await firstRow(source, sampleOf(model));
    if (sample && isUuid(sample.id!)) {
      model.isUuid = true;
      continue;
    }
    const { low, high } = await firstRow(source, idsOf(model));
    if (low === null) continue;
    if (!/^\d{1,15}$/.test(low!) || !/^\d{1,15}$/.test(high!)) {
      throw new Refusal(`The ids of ${model.table} are neither positive numbers nor UUIDs: they cannot be imported.`);
    }
    await target.unit((transaction) =>
      transaction`
        select setval(sequence, ${high!}::bigint)
        from pg_get_serial_sequence(${table}, ${column}) as sequence
        where coalesce(pg_sequence_last_value(sequence::regclass), 0) < ${high!}::bigint`
    );
  }
}

/** Writes rows that do not depend on each other, as many at a time as the source gives. */
async function importBatches(
  target: Target,
  batches: AsyncIterable<Row[]>,
  table: string,
  script: string,
  prepare: (row: Row) => Staged | Promise<Staged>,
): Promise<void> {
  for await (const rows of batches) {
    const prepared: Staged[] = [];
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      prepared.push(...await Promise.all(rows.slice(at, at + AT_ONCE).map(prepare)));
    }
    await target.unit(async (transaction) => {
      await stage(transaction, table, prepared);
      await target.write(transaction, script);
    });
  }
}

function countOn(progress: Progress, step: string, total: number): (count: number) => void {
  let done = 0;
  return (count) => progress.show(step, (done += count) / (total || 1));
}

function describeTarget({ models }: Recognised, counts: Counts, here: Record<string, number>, seconds: number): string {
  const lines = (Object.keys(models) as ModelName[]).flatMap((model) => {
    const kind = COUNTED[model];
    if (kind === undefined) return [];
    const { title, table } = models[model]!;
    return `  ${title}: ${(here[kind] ?? 0).toLocaleString("en")} of ${counts.get(table)!.toLocaleString("en")}`;
  });
  return [`Imported in ${seconds.toFixed(1)} s:`, ...lines].join("\n");
}
