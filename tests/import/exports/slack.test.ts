import { createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { exported, type Room } from "./exported.ts";

const FOLDER = "tests/fixtures/exports/slack";
const slack = await exported("test-slack");

/** The zip that Slack sends. */
async function zipped(): Promise<string> {
  const zip = new ZipFile();
  for (const entry of await readdir(FOLDER, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) zip.addFile(path, path.slice(FOLDER.length + 1));
  }
  zip.end();
  const file = join(slack.folder, "Garden Slack export.zip");
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

describe("an export of Slack", () => {
  let file: string;
  let first: Awaited<ReturnType<typeof slack.run>>;
  let rooms: Room[];
  beforeAll(async () => {
    file = await zipped();
    first = await slack.run("slack", file);
    rooms = await slack.rooms();
  });

  test("says what came of how much, and names what did not", () => {
    expect(first.code).toBe(2);
    expect(first.output).toContain("people: 6 of 6, 6 of them new");
    expect(first.output).toContain("rooms: 4 of 4, 4 of them new");
    expect(first.output).toContain("members: 9 of 9");
    expect(first.output).toContain("messages: 16 of 18, 16 of them new");
    expect(first.output).toContain("pins: 1 of 1, 1 of them new");
    expect(first.output).toContain(
      "message C012AB3CD/4102444800.000000 (2100-01-01T00:00:00.000000Z): a time in the future",
    );
    expect(first.output).toMatch(/message general\/2024-01-02.json\[8\] \(ts: .*\): a message that cannot be read/);
    expect(first.output).toContain("reply C012AB3CD/1704190002.000900: an answer to a message that is not here");
  });

  test("keeps the kinds, privacy and members of rooms", () => {
    expect(rooms.map(({ messages: _, ...room }) => ({ ...room, id: 0 }))).toEqual([
      {
        id: 0,
        name: "general",
        kind: "group",
        is_public: true,
        description: "All about the garden & tea\nFor everybody",
        owner: "U023BECGF",
        members: ["U023BECGF owner", "U061F7AUR"],
      },
      {
        id: 0,
        name: "secret-plans",
        kind: "group",
        is_public: false,
        description: "",
        owner: "U061F7AUR",
        members: ["U023BECGF", "U061F7AUR owner"],
      },
      {
        id: 0,
        name: expect.stringMatching(/^ann\d*, bob\d*, carol\d*$/),
        kind: "group",
        is_public: false,
        description: "",
        owner: "U023BECGF",
        members: ["U023BECGF owner", "U061F7AUR", "U0G9QF9C6"],
      },
      {
        id: 0,
        name: "",
        kind: "direct",
        is_public: false,
        description: "",
        owner: null,
        members: ["U023BECGF", "U061F7AUR"],
      },
    ]);
  });

  test("keeps the messages of a channel, with threads as answers", () => {
    expect(rooms[0]!.messages).toEqual([
      {
        seq: 1,
        sender: "U061F7AUR",
        at: "2024-01-01T12:00:00.0001",
        text: "@bob has joined the channel",
        imported: { system: "channel_join" },
      },
      {
        seq: 2,
        sender: "U023BECGF",
        at: "2024-01-01T12:00:01.0002",
        text: "Hello @channel, see the plan (https://example.com/plan) & #general, <not a tag> @bob",
        edited: "2024-01-01T12:01:00",
        reactions: { "👍": 2 },
      },
      { seq: 3, sender: "U023BECGF", at: "2024-01-02T10:00:01.0002", text: "Where shall we meet?", pinned: true },
      {
        seq: 4,
        sender: "U061F7AUR",
        at: "2024-01-02T10:00:50.0003",
        text: "In the greenhouse",
        answers: "Where shall we meet?",
      },
      {
        seq: 5,
        sender: "U061F7AUR",
        at: "2024-01-02T10:01:40.0004",
        text: "At *noon*",
        answers: "Where shall we meet?",
      },
      {
        seq: 6,
        sender: "U023BECGF",
        at: "2024-01-02T10:03:20.0005",
        text: "[file: map.png] https://files.slack.com/files-pri/T021F9ZE2-F0RDC39U1/map.png",
        imported: {
          files: [{ name: "map.png", url: "https://files.slack.com/files-pri/T021F9ZE2-F0RDC39U1/map.png" }],
        },
      },
      { seq: 7, sender: "B0BUILDER", at: "2024-01-02T10:05:00.0006", text: "Build 7\npassed in 3 min" },
      { seq: 8, sender: "USLACKBOT", at: "2024-01-02T10:06:40.0007", text: "", deleted: "2024-01-02T10:06:40.0007" },
      { seq: 9, sender: "U0STRANGER", at: "2024-01-02T10:06:41.0008", text: "An answer to what is gone", answers: "" },
      { seq: 10, sender: "U061F7AUR", at: "2024-01-02T10:06:42.0009", text: "An answer to nothing" },
    ]);
  });

  test("keeps private messages in their rooms", () => {
    const texts = (room: Room) => room.messages.map(({ text }) => text);
    expect(rooms.slice(1).map(texts)).toEqual([
      ["Not a word to anybody 🚀", "nods twice", ""],
      ["The three of us"],
      ["Just you and me", "Yes <3"],
    ]);
  });

  test("takes the last state of a message, where the export logs changes", () => {
    expect(rooms[1]!.messages.slice(1)).toMatchObject([
      { text: "nods twice", edited: "2024-01-03T10:01:40" },
      { sender: "U061F7AUR", at: "2024-01-03T10:02:30.00035", deleted: "2024-01-03T10:03:20.0004" },
    ]);
  });

  test("puts names into name fields, and takes no address of who was removed", async () => {
    expect(await slack.people()).toMatchObject({
      U023BECGF: { first_name: "Ann", last_name: "Smith", email: "ann.smith@example.com" },
      U061F7AUR: { first_name: "Bob", last_name: "", email: "bob@example.com" },
      U0G9QF9C6: { first_name: "Carol", last_name: "Jones", email: null },
      U0STRANGER: { first_name: "Dave", last_name: "of Elsewhere" },
    });
  });

  test("adds nothing when it is imported again, from the zip or the folder", async () => {
    for (const again of [file, FOLDER]) {
      const { code, output } = await slack.run("slack", again);
      expect(code).toBe(2);
      expect(output).toContain("messages: 16 of 18, 0 of them new");
      expect(output).toContain("reply C012AB3CD/1704190002.000900");
      expect(await slack.rooms()).toEqual(rooms);
    }
  });
});
