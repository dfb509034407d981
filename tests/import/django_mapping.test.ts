import { readFile, writeFile } from "node:fs/promises";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importInto, oldBackend } from "./old_backend.ts";

type Backend = Awaited<ReturnType<typeof oldBackend>>;
// deno-lint-ignore no-explicit-any
type Json = any;

let parley: Backend;
let old: Sql;
let address: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-import-"));
  parley = await oldBackend("messenger");
  ({ old, address } = await parley.onPostgres());
});
afterAll(async () => {
  await parley.stop();
  await rm(folder, { recursive: true });
});

const write = async (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const map = (mapping: object) => write("map.json", JSON.stringify(mapping));
const login = async (username: string, password: string) =>
  (await parley.post("/api/auth/login/", { username, password })).access;

describe("in a project that is in use", () => {
  test("rows get other ids where theirs are taken, and everything else stays as it was", async () => {
    const { access } = await parley.post("/api/auth/register/", { username: "ann", password: "a long secret" });
    const other = await parley.post("/api/auth/register/", { username: "new", password: "a long secret" });
    const chat = await parley.post("/api/chats/", { type: "private", members: [other.user.id] }, access);
    const own = await parley.post("/api/messages/", { chat: chat.id, text: "Here first" }, access);

    const { output, errors } = await parley.import(address);
    expect(errors).not.toMatch(/fail/i);
    expect(output).toContain("messages: 195 of 196");
    expect(output).toContain("person 1 (ann2, not ann)");
    const token = await login("ann2", "password of ann");
    const chats = await parley.get("/api/chats/", token);
    expect(chats.map(({ name, unread_count }: Json) => [name, unread_count])).toEqual([
      ["Everybody", 10],
      ["ann2, bob", 0],
      ["Чай ☕", 86],
      ["bob", 15],
    ]);
    const direct = chats[3];
    expect(direct.id).not.toBe(chat.id);
    const messages = await parley.get(`/api/messages/?chat=${direct.id}`, token);
    expect(messages.map(({ seq }: Json) => seq)).toEqual(messages.map((_: Json, index: number) => index + 1));
    expect(messages[0].id).not.toBe(own.id);
    const forward = messages.find(({ text }: Json) => text === "tea 0");
    const tea = await parley.get(`/api/messages/?chat=${chats[2].id}`, token);
    expect(forward.forwarded_from).toBe(tea[0].id);
    const pins = await parley.get(`/api/pinned/?chat=${direct.id}`, token);
    expect(pins.map(({ message }: Json) => message.text)).toEqual(["edited: ok", "Hello, Bob!"]);

    const before = await parley.state();
    await parley.import(address);
    expect(await parley.state()).toEqual(before);
    expect((await parley.get(`/api/messages/?chat=${chat.id}`, access)).map(({ text }: Json) => text)).toEqual([
      "Here first",
    ]);
  });

  test("a second backend of the same kind has a name of its own, and its people are others", async () => {
    const { output } = await parley.import(parley.files.dump, "--name", "second");
    expect(output).toContain("people: 11 of 11");
    expect(output).toContain("2 (bob2, not bob)");
    const [count] = await parley.sql`select count(*)::integer from chat.profiles where username like 'bob%'`;
    expect(count).toEqual({ count: 2 });
    const refused = await importInto(parley.stack.status.db_url, [
      ...["django", "--from", "tests/fixtures/django/social.sqlite3", "--as", "social", "--name", "second"],
    ]);
    expect(refused.errors).toContain("second is the name of an import of messenger: give this one another --name.");
  });

  test("the report lists everything that was left out", async () => {
    const path = join(folder, "report.tsv");
    const { output } = await parley.import(parley.files.sqlite, "--report", path, "--name", "third");
    expect(output).toContain(`${path} lists all of them.`);
    const lines = (await readFile(path, "utf8")).split("\n");
    expect(lines).toContain("left out\tmessage\t184\ta message without a visible text\t");
    expect(lines).toContain("changed\troom\t5\ta private chat of other than two people: it is a private group here\t");
  });
});

describe("tables of other names", () => {
  beforeAll(async () => {
    await old`alter table chat_messages_message rename to talk_line`;
    await old`alter table talk_line rename column text to words`;
  });
  afterAll(async () => {
    await old`alter table talk_line rename column words to text`;
    await old`alter table talk_line rename to chat_messages_message`;
  });

  test("are asked for", async () => {
    const { code, errors } = await parley.import(address, "--dry-run");
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/^No table has the messages, .*name it in a mapping file/),
    ]);
  });

  test("are named by a mapping file", async () => {
    const path = await map({ tables: { message: "talk_line" }, columns: { message: { text: "words" } } });
    const { output } = await parley.import(address, "--dry-run", "--map", path, "--name", "mapped");
    expect(output).toContain("messages: 196 in talk_line");
    expect(output).toContain("messages: 195 of 196");
    expect(output).toContain("This was a dry run: nothing was written.");
  });

  test.each<[object, string]>([
    [{ tables: { message: "nothing" } }, "The mapping names the table nothing, which does not exist."],
    [{ tables: { tea: "talk_line" } }, 'The mapping names "tea". Of messenger it may name: person, profile'],
    [
      { tables: { message: "talk_line" }, columns: { message: { text: "tea" } } },
      "The mapping names the column tea of talk_line, which has no such column.",
    ],
    [{ tables: { message: "auth_user" } }, "auth_user is not the table of messages: it has no "],
    [{ table: {} }, "is not a mapping file: "],
  ])("are refused if the mapping is wrong: %j", async (mapping, sentence) => {
    const { code, errors } = await parley.import(address, "--dry-run", "--map", await map(mapping));
    expect([code, errors]).toEqual([1, expect.stringContaining(sentence)]);
  });

  test("are left out if the mapping says so", async () => {
    const mapping = { tables: { message: "talk_line", pin: null }, columns: { message: { text: "words" } } };
    const { output } = await parley.import(address, "--dry-run", "--map", await map(mapping), "--name", "mapped");
    expect(output).not.toContain("pinned messages:");
    expect(output).toContain("table chat_messages_pinnedmessage: a table of no known kind");
  });
});

test("two tables that may be meant are asked about", async () => {
  await old`create table archive_message as select * from chat_messages_message`;
  const { errors } = await parley.import(address, "--dry-run");
  await old`drop table archive_message`;
  expect(errors).toMatch(
    /^The messages may be in (archive_message or chat_messages_message): say it in a mapping file/,
  );
});

test("a table of no known kind is named", async () => {
  await old`create table poll_vote as select 1 as id, 5 as choice`;
  const { code, output } = await parley.import(address, "--dry-run");
  await old`drop table poll_vote`;
  expect(code).toBe(2);
  expect(output).toContain("  poll_vote: 1 rows, which are of no known kind");
  expect(output).toContain("table poll_vote: a table of no known kind");
});

test("members of a through model keep their roles and times", async () => {
  await old`alter table chats_chat_members add column role text not null default 'member', add column joined_at timestamptz`;
  await old`update chats_chat_members set role = 'admin', joined_at = '2024-05-05 00:00Z' where chat_id = 2 and user_id in (1, 2)`;
  await old`alter table chats_chat add column created_by_id bigint`;
  await old`update chats_chat set created_by_id = 2 where id = 2`;
  const { errors } = await parley.import(address, "--name", "roles");
  expect(errors).not.toMatch(/fail/i);
  const roles = await parley.sql`
    select raw_user_meta_data ->> 'username' as name, members.role, joined_at
    from chat.room_members as members join auth.users as users on users.id = members.user_id
    where room_id = (
      select target_id from chat_private.imported_rows
      where kind = 'room' and source_id = 2 and import_id = (select id from chat_private.imports where name = 'roles')
    )
    order by (raw_app_meta_data ->> 'source_id')::integer`;
  expect(roles.map(({ role }) => role)).toEqual(["admin", "owner", "member", "member"]);
  expect(roles[0]!.joined_at.toISOString()).toBe("2024-05-05T00:00:00.000Z");
});

describe("a dump", () => {
  const objects = async () => JSON.parse(await readFile(parley.files.dump, "utf8")) as Json[];

  test.each(["dump.jsonl", "dump.json.gz", "dump.jsonl.gz"])("may be %s", async (name) => {
    const lines = (await objects()).map((object) => JSON.stringify(object)).join("\n");
    const text = name.includes("jsonl") ? lines : await readFile(parley.files.dump, "utf8");
    const path = await write(name, name.endsWith(".gz") ? gzipSync(text) : text);
    const { output } = await parley.import(path, "--dry-run", "--name", "dumped");
    expect(output).toContain("messages: 195 of 196");
  });

  test("without ids is refused", async () => {
    const path = await write("natural.json", JSON.stringify((await objects()).map(({ pk: _, ...object }) => object)));
    const { code, errors } = await parley.import(path, "--dry-run");
    expect([code, errors]).toEqual([
      1,
      expect.stringMatching(/has no ids of .*: write it again without --natural-primary/),
    ]);
  });

  test.each([
    ["cut.json", async () => (await readFile(parley.files.dump, "utf8")).slice(0, 50_000)],
    ["else.json", () => '{"messages": []}'],
    ["other.json", () => '[{"text": "Hello"}]'],
    ["none.sqlite3", () => "this is no database of SQLite, but a text".repeat(100)],
  ])("a file that is not a dump is refused: %s", async (name, content) => {
    const { code, errors } = await parley.import(await write(name, await content()), "--dry-run");
    expect(code).toBe(1);
    expect(errors).toMatch(
      /is not what `manage.py dumpdata` writes|has no model or no fields|is not an SQLite database|No table/,
    );
  });
});

test("what cannot be found or is not known is refused", async () => {
  expect((await parley.import("missing.sqlite3")).errors).toBe("There is no file missing.sqlite3.\n");
  expect((await parley.import("postgres://nobody@127.0.0.1:1/nothing")).errors).toMatch(/cannot be reached/);
  const db = parley.stack.status.db_url;
  expect((await importInto(db, ["django", "--from", address, "--as", "telegram"])).errors).toMatch(
    /^--as is one of messenger, /,
  );
  expect((await importInto(db, ["django"])).errors).toMatch(/^npm run import -- FILE/);
});

test("a password in an address is not printed", async () => {
  const { output } = await parley.import(address.replace(/\/\/[^@]*@/, "//postgres:postgres@"), "--dry-run");
  expect(output).toMatch(/^127\.0\.0\.1:\d+\/old_messenger as messenger:/);
});

test("of two imports at once, one is refused", async () => {
  await parley.sql.begin(async (sql) => {
    await sql`select pg_advisory_lock(${0x7061726c})`;
    const { code, errors } = await parley.import(address);
    expect([code, errors]).toEqual([1, "Another import into this database is running.\n"]);
    await sql`select pg_advisory_unlock(${0x7061726c})`;
  });
});
