import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSince } from "../../scripts/import/since.ts";
import { type Imported, oldBackend } from "./old_backend.ts";

describe("the time of --since", () => {
  test("is a time with a zone, or the last import", () => {
    expect(readSince(undefined)).toBeUndefined();
    expect(readSince("last")).toBe("last");
    const time = new Date("2024-01-31T07:00:00Z");
    for (const text of ["2024-01-31T07:00:00Z", "2024-01-31 09:00:00+02:00", "2024-01-31T09:00+0200"]) {
      expect(readSince(text)).toEqual(time);
    }
  });

  test.each([
    ["2024-01-31T09:00:00", "has no time zone: write it with one, such as 2024-01-31T09:00:00Z"],
    ["2024-01-31", "has no time zone"],
    ["yesterday", "is not a time"],
    ["2024-13-01T09:00:00Z", "is a time that does not exist"],
    ["2999-01-01T00:00:00Z", "is in the future"],
  ])("is refused when it is %s", (text, reason) => {
    expect(() => readSince(text)).toThrow(reason);
  });
});

describe("an import with --since", () => {
  let parley: Awaited<ReturnType<typeof oldBackend>>;
  let folder: string;
  let address: string;
  let early: Imported;
  let since: Imported;

  const message = async (id: number) =>
    (await parley.sql`select content, deleted_at is not null as deleted from chat.messages where id = ${id}`)[0];
  const mark = async (room: number, person: number) =>
    Number(
      (await parley.sql`select last_read_seq from chat.room_members join chat.profiles on profiles.id = user_id
      where room_id = ${room} and number = ${person}`)[0]!.last_read_seq,
    );
  const pins = async () => (await parley.sql`select message_id from chat.pins order by 1`).map((pin) => pin.message_id);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-since-"));
    parley = await oldBackend("messenger");
    const source = await parley.onPostgres();
    address = source.address;
    early = await parley.import(address, "--since", "last");
    await parley.import(address);

    const { old } = source;
    // What has a time.
    await old`
      insert into chat_messages_message (id, chat_id, sender_id, text, forwarded_from_id, is_edited, is_deleted, created_at)
      values (500, 1, 2, 'new there', null, false, false, now()), (501, 2, 3, '', 50, false, false, now())`;
    await old`update chat_messages_message set text = 'edited since', is_edited = true, edited_at = now() where id = 46`;
    // What has none.
    await old`update chat_messages_message set text = 'edited at an unknown time' where id = 2`;
    await old`update chat_messages_message set is_deleted = true where id = 3`;
    await old`delete from chat_messages_message where id = 48`;
    // Small tables, and what they name.
    await old`insert into chats_chat (id, type, name, created_at) values (50, 'group', 'New there', now())`;
    await old`insert into chats_chat_members (chat_id, user_id) values (50, 1), (50, 2)`;
    await old`
      insert into chat_messages_message (id, chat_id, sender_id, text, is_edited, is_deleted, created_at)
      values (400, 50, 1, 'older than its chat', false, false, '2020-01-01')`;
    await old`delete from chats_chat_members where chat_id = 2 and user_id = 4`;
    await old`update chats_chatreadstate set last_read_message_id = 100 where chat_id = 2 and user_id = 1`;
    await old`
      update chat_messages_messagestatus set read = true
      where user_id = 2 and message_id in (select id from chat_messages_message where chat_id = 2 order by id limit 70)`;
    await old`
      insert into chat_messages_pinnedmessage (chat_id, message_id, pinned_by_id, pinned_at) values (1, 10, 2, now())`;
    since = await parley.import(address, "--since", "last");
  });
  afterAll(async () => {
    await parley.stop();
    await rm(folder, { recursive: true });
  });

  test("last is refused before an import was finished", () => {
    expect(early.code).toBe(1);
    expect(early.errors).toContain("No import called messenger was finished here");
  });

  test("reads what is newer, changed since, or named by marks and pins, and loses none of it", () => {
    expect(since.errors).not.toMatch(/fail/i);
    // Of the last quarter of an hour there, and since; and 8 more, which are older. One of the newer has no text.
    expect(since.output).toContain("messages: 19 in chat_messages_message since 2024-01-01T15:15:00.001Z");
    expect(since.output).toContain("messages: 27 of 28\n");
    expect(since.output).toContain("rooms: 7 of 7");
    expect(since.output).not.toContain("for no reason that is known");
  });

  test("brings new messages and edits that have a time, and whole rooms that are new", async () => {
    expect(await message(500)).toEqual({ content: "new there", deleted: false });
    expect(await message(501)).toEqual({ content: "tea 0", deleted: false });
    expect(await message(46)).toEqual({ content: "edited since", deleted: false });
    expect(await message(400)).toEqual({ content: "older than its chat", deleted: false });
  });

  test("brings members who have left, marks and pins at older messages", async () => {
    const members = await parley.sql`
      select number from chat.room_members join chat.profiles on profiles.id = user_id where room_id = 2 order by 1`;
    expect(members.map(({ number }) => Number(number))).toEqual([1, 2, 3]);
    const [{ seq }] = await parley.sql<[{ seq: string }]>`select seq from chat.messages where id = 100`;
    expect(await mark(2, 1)).toBe(Number(seq));
    expect(await mark(2, 2)).toBeGreaterThan(50);
    expect(await pins()).toContain("10");
    expect(await pins()).toHaveLength(4);
  });

  test("leaves changes of older messages that have no time to an import without it", async () => {
    expect([await message(2), await message(3), await message(48)]).toMatchObject([
      { content: expect.stringContaining("message 0") },
      { deleted: false },
      { deleted: false },
    ]);
    const whole = await parley.import(address);
    expect(whole.errors).not.toMatch(/fail/i);
    expect([await message(2), await message(3), await message(48)]).toMatchObject([
      { content: "edited at an unknown time" },
      { deleted: true },
      { deleted: true },
    ]);
  });

  test("reads files of SQLite and dumps alike", async () => {
    const file = join(folder, "old.sqlite3");
    await copyFile(parley.files.sqlite, file);
    const insert = `insert into chat_messages_message (id, chat_id, sender_id, text, is_edited, is_deleted, created_at)
      values (600, 1, 1, 'in the file', 0, 0, '2024-02-01 12:00:00.5'), (601, 1, 1, 'before', 0, 0, '2024-01-31 11:59:59')`;
    const statement = `new (await import("node:sqlite")).DatabaseSync(${JSON.stringify(file)}).exec(${
      JSON.stringify(insert)
    })`;
    execFileSync("node_modules/.bin/deno", ["eval", statement]);
    const dump = join(folder, "old.json");
    const rows = JSON.parse(await readFile(parley.files.dump, "utf8"));
    const one = rows.find(({ model }: { model: string }) => model === "chat_messages.message");
    for (const [pk, created_at] of [[700, "2024-02-01T12:00:00.500Z"], [701, "2024-01-31T11:59:59Z"]] as const) {
      rows.push({ ...one, pk, fields: { ...one.fields, text: "in the dump", created_at } });
    }
    await writeFile(dump, JSON.stringify(rows));
    for (const [from, id] of [[file, 600], [dump, 700]] as const) {
      const { output, errors } = await parley.import(from, "--since", "2024-02-01T14:00:00+02:00");
      expect(errors).not.toMatch(/fail/i);
      expect(output).toContain("messages: 1 in chat_messages_message since 2024-02-01T12:00:00.000Z");
      expect(await message(id)).toBeDefined();
      expect(await message(id + 1)).toBeUndefined();
    }
  });
});
