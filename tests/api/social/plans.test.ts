import type { ReservedSql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql, Statement } from "../../../functions/_shared/db/db.ts";
import { isNamed } from "../../../functions/_shared/queries/people.ts";
import { messagePage, messageRows } from "../../../functions/_shared/queries/room_messages.sql.ts";
import { personRows, postRows } from "../../../functions/social/people.sql.ts";
import { roomNamed } from "../../../functions/social/rooms.sql.ts";
import { database } from "../../support/clients.ts";
import { newSocialPerson } from "./people.ts";

const connections = database();
let sql: ReservedSql;

beforeAll(async () => {
  const ann = await newSocialPerson("ann");
  sql = await connections.reserve();
  // Everything is rolled back at the end.
  await sql`begin`;
  // Users of its own: foreign keys would lock shared ones, and deleting those would wait.
  await sql`create temp table people on commit drop as select gen_random_uuid() as id from generate_series(1, 3000)`;
  await sql`insert into auth.users (id, raw_user_meta_data) select id, jsonb_build_object('username', id) from people`;
  await sql`insert into people select id from chat.profiles where number = ${ann.id}`;
  await sql`insert into chat.rooms (kind, name, last_seq, version) select 'group', 'Social plan ' || n, 50, 51
    from generate_series(1, 400) as n`;
  await sql`
    insert into chat.room_members (room_id, user_id)
    select rooms.id, profiles.id from chat.rooms as rooms, people join chat.profiles as profiles using (id)
    where rooms.name like 'Social plan %'
      and (profiles.number % 300 = rooms.id % 300 or rooms.id % 20 = 0 and profiles.number = ${ann.id})`;
  await sql`
    insert into chat.messages (room_id, seq, version, content)
    select rooms.id, n, n + 1, 'A message' from chat.rooms as rooms, generate_series(1, 50) as n
    where rooms.name like 'Social plan %'`;
  await sql`
    insert into chat.posts (author_id, title, content)
    select id, 'A post', 'Its text' from people, generate_series(1, 5)`;
  await sql`
    insert into chat.friendships (user_id, friend_id)
    select one.id, other.id from chat.profiles as one
    join chat.profiles as other on other.number between one.number + 1 and one.number + 5
    where one.id in (select id from people) and other.id in (select id from people)
    on conflict do nothing`;
  // In the order of other tests: locks last until the end of the transaction.
  await sql`analyze chat.messages, chat.rooms, chat.room_members, chat.profiles, chat.posts, chat.friendships`;
  const claims = Buffer.from(ann.access.split(".")[1]!, "base64url").toString();
  await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
});

afterAll(async () => {
  await sql`rollback`;
  sql.release();
  await connections.end();
});

/** The tables that a statement would scan, planned for any values, as the functions plan it. */
async function scanned(statement: Statement): Promise<string[]> {
  const { string } = await statement.describe();
  const [row] = await sql.unsafe<{ "QUERY PLAN": unknown }[]>(`explain (generic_plan, format json) ${string}`);
  const tables: string[] = [];
  JSON.stringify(row!["QUERY PLAN"], (_, node) => {
    if (node?.["Node Type"] === "Seq Scan") tables.push(node["Relation Name"]);
    return node;
  });
  return tables;
}

test("a statement that scans a table is detected", async () => {
  expect(await scanned(sql`select from chat.posts where title > 'a'`)).toEqual(["posts"]);
});

const person = (index: 0 | 1) => (sql: Sql) => personRows(sql, isNamed(sql, "somebody"))[index];
const messages = (cursor: { before?: number; after?: number }) => (sql: Sql) =>
  messageRows(sql, messagePage(sql, { room: sql`(${roomNamed(sql, "a_b")})`, limit: 50, ...cursor }));

test.each<[string, (sql: Sql) => Statement]>([
  ["a person with friends", person(0)],
  ["a person's posts", person(1)],
  ["everyone's posts", (sql) => postRows(sql, { limit: 50 })],
  ["older posts", (sql) => postRows(sql, { limit: 50, before: 1000 })],
  ["newer posts", (sql) => postRows(sql, { limit: 50, after: 1000 })],
  ["a room by its name", (sql) => roomNamed(sql, "a_b")],
  ["the newest messages", messages({})],
  ["older messages", messages({ before: 1000 })],
  ["newer messages", messages({ after: 1000 })],
])("%s: no table is scanned", async (_, statement) => {
  expect(await scanned(statement(sql))).toEqual([]);
});
