import type { PendingQuery, ReservedSql, Row } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { newMiniChatPerson } from "./people.ts";

type Statement = PendingQuery<Row[]>;
// deno-lint-ignore no-explicit-any
type Builders = Record<string, (sql: ReservedSql, ...values: any[]) => Statement>;

/** A module of the functions, imported without its types: those of Deno are unknown here. */
const load = (path: string): Promise<Builders> => import(new URL(`../../../functions/${path}`, import.meta.url).href);

const { messagePage } = await load("_shared/queries/room_messages.sql.ts");
const { markRows, pageOfAll, readUpTo, saidRows } = await load("mini-chat/messages.sql.ts");
const { personRows } = await load("mini-chat/people.sql.ts");
const { joinableRooms, myRooms, oneRoom, roomRows } = await load("mini-chat/rooms.sql.ts");

const connections = database();
let sql: ReservedSql, room: number;

beforeAll(async () => {
  const ann = await newMiniChatPerson("ann");
  sql = await connections.reserve();
  await sql`begin`;
  await sql`
    insert into auth.users (id, raw_user_meta_data)
    select gen_random_uuid(), jsonb_build_object('username', md5('user' || n), 'first_name', md5('name' || n))
    from generate_series(1, 4000) as n`;
  await sql`
    insert into chat.rooms (kind, name, is_public, last_seq, version)
    select 'group', 'Plan ' || n, n % 100 = 1, 100, 101 from generate_series(1, 2000) as n`;
  // Another user is in each room, and Ann in every hundredth.
  await sql`
    insert into chat.room_members (room_id, user_id)
    select rooms.id, people.id
    from (select id, row_number() over (order by id) as n from chat.rooms where name like 'Plan %') as rooms
    join (
      select id, number, row_number() over (order by number desc) as n
      from chat.profiles where username ~ '^[0-9a-f]{32}$' or number = ${ann.id}
    ) as people
      on people.n = rooms.n or (people.number = ${ann.id} and rooms.n % 100 = 0)`;
  await sql`
    insert into chat.messages (room_id, seq, version, content)
    select rooms.id, n, n + 1, 'A message' from chat.rooms as rooms, generate_series(1, 1000) as n
    where rooms.name like 'Plan %00'`;
  await sql`select gin_clean_pending_list('chat.profiles_search_idx')`;
  await sql`analyze chat.messages, chat.rooms, chat.room_members, chat.profiles`;
  [{ room }] = await sql`select max(id) as room from chat.rooms where name like 'Plan %00'`;
  const claims = JSON.stringify({ sub: claimsOf(ann.access).sub, role: "authenticated" });
  await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
});

afterAll(async () => {
  await sql`rollback`;
  sql.release();
  await connections.end();
});

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());

/** The values of a key in the parts of a plan that have a type. */
function inPlan(plan: unknown, type: string, key: string): string[] {
  const values: string[] = [];
  JSON.stringify(plan, (_, node) => {
    if (node?.["Node Type"] === type) values.push(node[key]);
    return node;
  });
  return values;
}

/** The tables that a statement would scan, planned for any values, as the functions plan it. */
async function scanned(statement: Statement): Promise<string[]> {
  const { string } = await statement.describe();
  const [row] = await sql.unsafe(`explain (generic_plan, format json) ${string}`);
  return inPlan(row, "Seq Scan", "Relation Name").filter((table) => table !== "user_status");
}

test("a statement that scans a table is detected", async () => {
  expect(await scanned(sql`select from chat.messages where content > 'a'`)).toContain("messages");
});

test.each<[string, () => Statement]>([
  ["the newest messages", () => saidRows!(sql, messagePage!(sql, { room, limit: 50 }))],
  ["older messages", () => saidRows!(sql, messagePage!(sql, { room, limit: 50, before: 1000 }))],
  ["newer messages", () => saidRows!(sql, messagePage!(sql, { room, limit: 50, after: 1000 }))],
  ["the newest of all rooms", () => saidRows!(sql, pageOfAll!(sql, { limit: 50 }), sql`page.id`)],
  ["older of all rooms", () => saidRows!(sql, pageOfAll!(sql, { limit: 50, before: 1000 }), sql`page.id`)],
  ["marking them as read", () => readUpTo!(sql, { room, limit: 50 })],
  ["how far a room is read", () => markRows!(sql, room)],
  ["how far some rooms are read", () => markRows!(sql, room, room - 100)],
  ["the caller's rooms", () => roomRows!(sql, myRooms!(sql, { limit: 50 }))],
  ["a later page of the caller's rooms", () => roomRows!(sql, myRooms!(sql, { limit: 50, before: room }))],
  ["public rooms", () => roomRows!(sql, joinableRooms!(sql, { limit: 50 }))],
  ["everyone", () => personRows!(sql, { limit: 100 })],
  ["a room", () => roomRows!(sql, oneRoom!(sql, room))],
])("%s: no table is scanned", async (_, statement) => {
  expect(await scanned(statement())).toEqual([]);
});

test.each<[string, () => Statement]>([
  ["the caller's rooms", () => roomRows!(sql, myRooms!(sql, { limit: 50 }))],
  ["messages", () => saidRows!(sql, messagePage!(sql, { room, limit: 50 }))],
])("the emails of the users in %s are looked up together", async (_, statement) => {
  const { string } = await statement().describe();
  const [row] = await sql.unsafe(`explain (generic_plan, verbose, format json) ${string}`);
  expect(inPlan(row, "Function Scan", "Function Name")).toContain("shown_emails");
  expect(JSON.stringify(row)).not.toMatch(/shown_email\(|email\(profiles/);
});

test("a search uses its index, and scans no table", async () => {
  const scans = async () =>
    (await sql`
      select seq_scan::integer as whole, pg_stat_get_xact_numscans('chat.profiles_search_idx'::regclass)::integer as by_index
      from pg_stat_xact_user_tables where relid = 'chat.profiles'::regclass`)[0]!;
  const before = await scans();
  expect(await personRows!(sql, { limit: 1000 }, "q")).toEqual([]);
  const after = await scans();
  expect([after.whole - before.whole, after.by_index > before.by_index]).toEqual([0, true]);
});
