import postgres, { type Sql } from "postgres";
import type { Status } from "../../support/stack.ts";
import { addAccounts } from "./accounts.ts";
import { addMessages } from "./messages.ts";
import { addRooms, setMarks } from "./rooms.ts";
import type { World } from "./world.ts";

const BACKLOG = 30;
const DAYS = 180;

type Log = (line: string) => void;

/**
 * Fills an empty database; one that the bench has filled before is left unchanged.
 * @throws when it has anything else.
 */
export async function fill(status: Status, world: World, log: Log): Promise<void> {
  await using database = connect(status);
  const { sql } = database;
  const [{ people, ours } = { people: 0, ours: 0 }] = await sql<{ people: number; ours: number }[]>`
    select count(*)::integer as people, count(*) filter (where username = 'bench')::integer as ours from chat.profiles`;
  if (ours === 1) return log("The database is filled already.");
  if (people > 0) throw new Error("This stack has people of its own: the bench fills an empty one only.");

  log(`Adding ${world.people.length} people …`);
  await addAccounts(sql, status, world);
  log(`Adding ${world.rooms.length} rooms …`);
  await silently(sql, (sql) => addRooms(sql, world, DAYS + 1));
  await addHistory(sql, world, { factor: 1, days: DAYS, backlog: BACKLOG, log });
}

/** Makes each room, and its unread messages, `factor` times as large. */
export async function grow(status: Status, world: World, factor: number, log: Log): Promise<void> {
  await using database = connect(status);
  await addHistory(database.sql, world, { factor: factor - 1, days: 0.5, backlog: BACKLOG * factor, log });
}

async function addHistory(
  sql: Sql,
  world: World,
  { factor, days, backlog, log }: { factor: number; days: number; backlog: number; log: Log },
): Promise<void> {
  let shown = 0;
  const onProgress = (part: number) => {
    for (; part * 10 >= shown + 1; shown++) log(`Adding messages: ${(shown + 1) * 10} %`);
  };
  await silently(sql, async (sql) => {
    const written = await addMessages(sql, world, { factor, days, onProgress });
    await setMarks(sql, world, written, backlog);
    await indexForSearches(sql, log);
  });
  log("Vacuuming and analyzing …");
  await sql`vacuum (analyze) chat.messages, chat.rooms, chat.room_members, chat.profiles, chat_private.search_entries`;
}

/** In one transaction, in which no change of membership is counted or announced. */
export async function silently(sql: Sql, work: (sql: Sql) => Promise<void>): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`alter table chat.room_members disable trigger user`;
    await work(transaction as unknown as Sql);
    await transaction`alter table chat.room_members enable trigger user`;
  });
}

/** Fills the index of searches, which takes half as long when it is built at the end. */
async function indexForSearches(sql: Sql, log: Log): Promise<void> {
  const [index] = await sql<{ indexname: string; indexdef: string }[]>`
    select indexname, indexdef from pg_indexes
    where schemaname = 'chat_private' and tablename = 'search_entries' and indexdef like '% USING gin %'`;
  log("Indexing the messages for searches …");
  await sql`drop index chat_private.${sql(index!.indexname)}`;
  await sql`select chat_private.index_rooms(0, 1000000000, 1)`;
  await sql`set local maintenance_work_mem = '256MB'`;
  await sql.unsafe(index!.indexdef);
}

function connect({ db_url }: Status) {
  const sql = postgres(db_url, { max: 1, onnotice: () => {} });
  return { sql, [Symbol.asyncDispose]: () => sql.end() };
}
