import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { newUser } from "../../support/users.ts";
import { exported, type Room } from "./exported.ts";

const FILE = "tests/fixtures/exports/parley.jsonl";
const parley = await exported("test-parley");
// deno-lint-ignore no-explicit-any
type Json = any;

describe("our own format", () => {
  let rooms: Room[];
  beforeAll(async () => {
    const dry = await parley.run("parley", FILE, "--dry-run");
    expect(dry.output).toContain("messages: 7 of 7, 7 of them new");
    expect(dry.output).toContain("nothing was written");
    expect(await parley.rooms()).toEqual([]);
    const { code, output } = await parley.run("parley", FILE);
    expect(output).not.toContain("Left out");
    expect(code).toBe(0);
    rooms = await parley.rooms();
  });

  test("brings rooms in any order, with everything that Parley knows", () => {
    const shown = rooms.map((room: Json) => ({ ...room, id: 0 }));
    expect(shown).toEqual([
      {
        id: 0,
        name: "Tea",
        kind: "group",
        is_public: true,
        description: "All about tea",
        owner: "7",
        members: ["7 owner", "ann admin"],
        messages: [
          {
            seq: 1,
            sender: "ann",
            at: "2024-01-01T09:00:02.000001",
            text: "first",
            edited: "2024-01-01T09:05:00",
            pinned: true,
            reactions: { "👍": 1 },
          },
          {
            seq: 2,
            sender: "7",
            at: "2024-01-01T09:00:02.000002",
            text: "second, although it stands first here",
            answers: "first",
          },
          { seq: 3, sender: "ann", at: "2024-01-01T11:00:00", text: "", deleted: "2024-01-01T11:30:00" },
          { seq: 4, at: "2024-01-01T12:00:00", text: "Bob has renamed the room", imported: { system: "renamed" } },
          {
            seq: 5,
            sender: "ann",
            at: "2024-01-01T13:00:00",
            text: "[forwarded from Dave]\nwith a file\n[file: a.pdf] https://example.com/a.pdf\n[file: b.pdf]",
            imported: {
              files: [{ name: "a.pdf", url: "https://example.com/a.pdf" }, { name: "b.pdf" }],
              forwarded_from: "Dave",
            },
          },
        ],
      },
      {
        id: 0,
        name: "",
        kind: "direct",
        is_public: false,
        description: "",
        owner: null,
        members: ["7", "ann"],
        messages: [{ seq: 1, sender: "ann", at: "2024-01-01T10:00:00", text: "the same id in another room" }],
      },
      {
        id: 0,
        name: "Of unknown privacy",
        kind: "group",
        is_public: false,
        description: "",
        owner: null,
        members: ["carol owner"],
        messages: [{ seq: 1, sender: "carol", at: "2024-01-01T10:00:00", text: "the last edition" }],
      },
    ]);
  });

  test("keeps read marks, and otherwise takes everything as read", async () => {
    const marks = await parley.sql`
      select raw_app_meta_data ->> 'source_id' as person, last_read_seq::integer as read
      from chat.room_members join auth.users on users.id = user_id
      join chat.rooms on rooms.id = room_id
      where room_id in ${parley.sql((rooms as Json[]).map(({ id }) => id))} order by rooms.created_at, kind, 1`;
    expect(marks.map(({ person, read }) => `${person} ${read}`)).toEqual(["7 4", "ann 1", "7 1", "ann 1", "carol 1"]);
  });

  test("brings what has come since, edits and deletions, and leaves the rest", async () => {
    const lines = (await readFile(FILE, "utf8")).trim().split("\n");
    const since = [
      {
        type: "message",
        room: "two",
        id: "m2",
        sender: 7,
        sent_at: "2024-02-01T00:00:00Z",
        text: "new",
        reply_to: "m1",
      },
      { type: "message", room: "two", id: "m1", sender: "ann", sent_at: "2024-01-01T10:00:00Z", text: "edited there" },
      { ...JSON.parse(lines[10]!), deleted_at: "2024-02-02T00:00:00Z" },
    ];
    const part = await parley.write("since.jsonl", since.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { code, output } = await parley.run("parley", part);
    expect(output).toContain("messages: 3 of 3, 1 of them new");
    expect(code).toBe(0);
    const [tea, two] = await parley.rooms();
    expect(tea!.members).toEqual(rooms[0]!.members);
    expect(tea!.messages.map(({ text }) => text)).toEqual([
      "first",
      "second, although it stands first here",
      "",
      "Bob has renamed the room",
      "",
    ]);
    expect(two!.messages).toMatchObject([{ text: "edited there" }, { text: "new", answers: "edited there" }]);
  });

  test("names each line that is no record, and brings the rest", async () => {
    const lines = [
      '{"type": "room", "id": "r", "kind": "group", "name": "R"}',
      '{"type": "person", "id": "bob", "created_at": "2999-01-01T00:00:00Z"}',
      "{no json",
      '{"type": "message", "room": "r", "id": "1", "sent_at": "yesterday", "text": "a"}',
      '{"type": "message", "room": "r", "id": "2", "sent_at": "2999-01-01T00:00:00Z", "text": "b"}',
      '{"type": "message", "room": "r", "id": "3", "sent_at": "2024-01-01T00:00:00Z", "text": " \\u0000\\u200b "}',
      '{"type": "message", "room": "r", "id": "4", "sent_at": "2024-01-01T00:00:00Z", "text": "NUL \\u0000 and half \\ud83d"}',
      '{"type": "secret"}',
      JSON.stringify({
        type: "message",
        room: "r",
        id: "6",
        sent_at: "2024-01-01T12:00:00Z",
        edited_at: "2999-01-01T00:00:00Z",
        text: "reacted",
        reactions: [
          { emoji: ":wave::skin-tone-4:", people: ["ann", "bob", "ann"] },
          { emoji: ":our_own:", people: ["ann"] },
          { emoji: "🎉", count: 3 },
          ...Array.from({ length: 22 }, (_, at) => ({ emoji: String.fromCodePoint(0x1f600 + at), people: ["bob"] })),
        ],
      }),
      '{"type": "pin", "room": "r", "message": "9"}',
      JSON.stringify({
        type: "message",
        room: "r",
        id: "5",
        sent_at: "2024-01-02T00:00:00Z",
        text: "long ".repeat(5000),
      }),
    ];
    const file = await parley.write("bad.jsonl", lines.join("\r\n"));
    const list = `${parley.folder}/report.txt`;
    const { code, output } = await parley.run("parley", file, "--name", "test-parley-bad", "--report", list);
    expect(code).toBe(2);
    expect(output).toContain("messages: 3 of 6, 3 of them new");
    const left = (await readFile(list, "utf8")).trim().split("\n").map((line) =>
      line.split("\t").slice(1, 4).join(" ")
    );
    // Another test may have an ann.
    expect(left.filter((line) => !line.startsWith("person")).sort()).toEqual([
      "line bad.jsonl:3 a line that is not a record",
      "line bad.jsonl:8 a line that is not a record",
      "message bad.jsonl:4 a line that is not a record",
      "message r/2 a time in the future",
      "message r/3 a message without a visible text",
      "pin r/9 a pin of a message that is deleted, or is not here",
      "reaction r/6 a reaction of more than 20 kinds to a message",
      "reaction r/6 a reaction of more than 20 kinds to a message",
      "reaction r/6 a reaction of more than 20 kinds to a message",
      "reaction r/6 by unknown people, or not an emoji here: it is kept in the metadata of the message",
      "reaction r/6 by unknown people, or not an emoji here: it is kept in the metadata of the message",
      "time bob created_at of a person, which cannot be read or is in the future",
      "time r/6 edited_at of a message, which cannot be read or is in the future",
    ]);
    const [room] = await parley.rooms("test-parley-bad");
    const texts = room!.messages.map(({ text }) => String(text));
    expect(texts[0]).toBe("NUL  and half \ufffd");
    expect(room!.messages[1]).toMatchObject({
      reactions: { "👋🏽": 2, "😀": 1 },
      imported: { reactions: [{ emoji: ":our_own:", people: ["ann"] }, { emoji: "🎉", count: 3 }] },
    });
    expect(texts.slice(2).join("").trim()).toBe("long ".repeat(5000).trim());
    expect(texts.slice(2).map((text) => text.length)).toEqual([10_000, 10_000, 5000]);
  });

  test("never takes two sources for one person, unless a file says so", async () => {
    const { id, username } = await newUser("same");
    const lines = [
      { type: "person", id: "ann", username: "ann" },
      { type: "message", room: "r", id: "1", sender: "ann", sent_at: "2024-01-01T00:00:00Z", text: "by Ann" },
      { type: "message", room: "r", id: "2", sender: "me", sent_at: "2024-01-01T00:00:01Z", text: "by me" },
      { type: "room", id: "r", kind: "direct", authors_are_members: true },
    ];
    const file = await parley.write("same.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
    const same = await parley.write("same.json", JSON.stringify({ me: username }));
    const wrong = await parley.write("wrong.json", JSON.stringify({ me: "nobody at all" }));
    const named = ["--name", "test-parley-same"];
    const refused = await parley.run("parley", file, ...named, "--same-people", wrong);
    expect([refused.code, refused.errors]).toEqual([1, expect.stringContaining("nobody here has this username")]);
    expect((await parley.run("parley", file, ...named, "--same-people", same)).code).toBe(0);
    const [room] = await parley.rooms("test-parley-same");
    const senders = await parley.sql`
      select sender_id, raw_app_meta_data ->> 'imported_from' as name from chat.messages
      join auth.users on users.id = sender_id where room_id = ${(room as Json).id} order by seq`;
    expect(senders[0]!.name).toBe("test-parley-same");
    expect(senders[1]!.sender_id).toBe(id);
    expect(room!.kind).toBe("direct");
    await parley.sql`delete from auth.users where id = ${id}`;
  });

  test("brings with --since what is newer, changed since, or named by it, and leaves the rest", async () => {
    const named = ["--name", "test-parley-since"];
    const said = (room: string, id: string, sent_at: string, more: object = {}) => ({
      ...{ type: "message", room, id, sender: "ann", sent_at, text: `${id} as it was` },
      ...more,
    });
    const write = (file: string, lines: object[]) =>
      parley.write(file, [{ type: "person", id: "ann" }, ...lines].map((line) => JSON.stringify(line)).join("\n"));
    const first = [1, 2, 3].map((number) => said("r", `m${number}`, `2024-01-01T0${number}:00:00Z`));
    const file = await write("first.jsonl", first);
    const early = await parley.run("parley", file, ...named, "--since", "last");
    expect([early.code, early.errors]).toEqual([1, expect.stringContaining("No import called test-parley-since")]);
    expect((await parley.run("parley", file, ...named)).code).toBe(0);

    const text = "as it is";
    const later = await write("later.jsonl", [
      said("r", "m1", "2024-01-01T01:00:00Z", { text }),
      said("r", "m2", "2024-01-01T02:00:00Z", { text, edited_at: "2024-01-02T00:00:00Z" }),
      said("r", "m3", "2024-01-01T03:00:00Z", { text, deleted_at: "2024-01-02T00:00:00Z" }),
      said("r", "m4", "2024-01-02T01:00:00Z", { reply_to: "m1" }),
      said("other", "o1", "2023-01-01T00:00:00Z"),
      { type: "pin", room: "r", message: "m1" },
    ]);
    const { code, output } = await parley.run("parley", later, ...named, "--since", "last");
    expect(output).toContain("1 messages of before 2024-01-01T02:45:00.000Z are left there");
    expect(output).toContain("messages: 4 of 4, 2 of them new");
    expect(output).toContain("pins: 1 of 1");
    expect(code).toBe(0);
    const rooms = await parley.rooms("test-parley-since");
    expect(rooms.flatMap(({ messages }) => messages).map((message) => message.text)).toEqual([
      ...["o1 as it was", "m1 as it was", "as it is", "", "m4 as it was"],
    ]);
    expect(rooms[1]!.messages).toMatchObject([{ pinned: true }, {}, {}, { answers: "m1 as it was" }]);
    // A later time leaves a gap: the last import is still the one before it.
    const latest = await write("latest.jsonl", [
      said("r", "m5", "2024-05-31T00:00:00Z"),
      said("r", "m6", "2024-06-02T00:00:00Z"),
    ]);
    const gap = await parley.run("parley", latest, ...named, "--since", "2024-06-01T00:00:00Z");
    expect(gap.output).toContain("messages: 1 of 1, 1 of them new");
    const again = await parley.run("parley", latest, ...named, "--since", "last");
    expect(again.output).toContain("0 messages of before 2024-01-02T00:45:00.000Z");
    expect(again.output).toContain("messages: 2 of 2, 1 of them new");
  });
});
