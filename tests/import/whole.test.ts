import { existsSync } from "node:fs";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { runImport, sampleRoom } from "./sample.ts";

const sample = await sampleRoom("whole", "a1");

describe("a file of 201 records", () => {
  test("becomes a public room with its users, its messages in order and everything read", async () => {
    const { code, output } = await runImport(sample.file);
    expect(output).toMatch(/parley-whole\): 200 messages added, 3 of them deleted/);
    expect(code).toBe(0);

    const messages = await sample.history();
    expect(messages.map(({ seq }) => Number(seq))).toEqual(messages.map((_, index) => index + 1));
    expect(messages.map(({ version }) => Number(version))).toEqual(messages.map((_, index) => index + 1));
    const ids = messages.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const times = messages.map(({ created_at }) => created_at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));

    expect(await sample.row()).toMatchObject({
      kind: "group",
      is_public: true,
      name: "Parley/whole",
      last_seq: "200",
      version: "200",
      last_message_id: messages.at(-1)?.id,
      last_message_at: messages.at(-1)?.created_at,
      member_count: 12,
    });
    const unread = await sample.sql`
      select from chat.room_members join chat.rooms on rooms.id = room_id
      where rooms.slug = ${sample.slug} and (last_read_seq, last_delivered_seq) <> (200, 200)`;
    expect(unread).toHaveLength(0);
  });

  test("keeps every text unchanged", async () => {
    await runImport(sample.file);
    const messages = await sample.history();
    const texts = messages.map(({ content }) => content);
    expect(texts).toContain('how do I type "quotes" inside a string?');
    expect(texts).toContain("a\tb\tc");
    expect(texts).toContain("первая строка\nвторая строка\n\nчетвёртая");
    expect(texts).toContain("back\\slash and \\N are just text");
    expect(texts).toContain("emoji 👩‍💻 here");
    expect(messages.map(({ username }) => username)).toContain("Иван-a1");
    const at = texts.indexOf("first of three at once");
    expect(texts.slice(at, at + 3)).toEqual([
      "first of three at once",
      "second of three at once",
      "third of three at once",
    ]);
    expect(new Set(times(messages.slice(at, at + 3)))).toHaveProperty("size", 1);
  });

  test("treats an empty message as one that its author deleted", async () => {
    await runImport(sample.file);
    const deleted = (await sample.history()).filter(({ deleted_at }) => deleted_at !== null);
    expect(deleted).toHaveLength(3);
    for (const { content, deleted_at, created_at } of deleted) expect([content, deleted_at]).toEqual(["", created_at]);
  });

  test("imports an id that occurs twice once, in its newest edition", async () => {
    const { output } = await runImport(sample.file);
    expect(output).toContain("1 repeated message id, imported once (differing: 1, the newest kept).");
    const texts = (await sample.history()).map(({ content }) => content);
    expect(texts).toContain("edited: use a dict");
    expect(texts).not.toContain("use a dcit");
  });

  test("may hold several rooms", async () => {
    const other = (record: string) =>
      record.replaceAll("a1a1c0", "a1a1cc").replace("/whole", "/whole2").replace("\ta1c0", "\ta1cc");
    const both = sample.records.flatMap((record, at) => at % 2 ? [record] : [record, other(record)]);
    const { output } = await runImport(await sample.write(both.join("")));
    expect(output).toMatch(/parley-whole\): 200 messages added/);
    expect(output).toMatch(/parley-whole2\): 101 messages added/);
  });

  test("sends no events, nor does a second import", async () => {
    await runImport(await sample.write(sample.records.slice(20).join("")));
    await runImport(sample.file);
    const { id } = await sample.row() ?? {};
    const events = await sample.sql`
      select event from realtime.messages
      where topic like ${`room:${id}:%`}
        or event <> 'room.removed'
          and topic in (select 'user:' || id from auth.users where email like ${sample.people})`;
    expect(events).toHaveLength(0);
  });
});

function times(messages: Record<string, Date>[]): number[] {
  return messages.flatMap(({ created_at }) => created_at ? [created_at.getTime()] : []);
}
const real = "../shared/data/gitter-python.tsv";

// Not on a stack that someone works with.
describe.runIf(existsSync(real) && !process.env.PARLEY_STATUS)("the history of FreeCodeCamp/python", () => {
  test("loads with its 6,339 messages of 309 users, 38 of them deleted", async () => {
    const { output } = await runImport(real);
    expect(output).toContain("6,339 messages added, 38 of them deleted by their authors.");
    expect(output).toContain("6,339 messages of 309 people");
    expect(output).toContain("1 repeated message id");
  });
});
