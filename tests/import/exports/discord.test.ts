import { beforeAll, describe, expect, test } from "vitest";
import { exported } from "./exported.ts";

const discord = await exported("test-discord");
const EXPORT = ["tests/fixtures/exports/discord"] as const;

describe("an export of Discord", () => {
  let first: Awaited<ReturnType<typeof discord.run>>;
  beforeAll(async () => {
    first = await discord.run("discord", ...EXPORT);
  });

  test("keeps channels private, direct chats, replies, edits, pins and system messages", async () => {
    expect(await discord.shown()).toEqual([{
      name: "general",
      kind: "group",
      is_public: false,
      description: "All about the garden",
      owner: null,
      members: ["100000000000000001 owner", "100000000000000002", "100000000000000003"],
      messages: [{
        seq: 1,
        sender: "100000000000000001",
        at: "2024-01-01T09:00:00.123",
        text: "Joined the server.",
        imported: { system: "GuildMemberJoin" },
      }, {
        seq: 2,
        sender: "100000000000000001",
        at: "2024-01-01T09:01:00",
        text: "Hello @Bob :tea:\n[file: map.png] https://cdn.discordapp.com/attachments/1/2/map.png",
        edited: "2024-01-01T09:02:00",
        pinned: true,
        reactions: { "👍": 1 },
        imported: {
          files: [{ url: "https://cdn.discordapp.com/attachments/1/2/map.png", name: "map.png" }],
        },
      }, {
        seq: 3,
        sender: "100000000000000002",
        at: "2024-01-01T09:03:00",
        text: "Hi!",
        answers: "Hello @Bob :tea:\n[file: map.png] https://cdn.discordapp.com/attachments/1/2/map.png",
      }, {
        seq: 4,
        sender: "100000000000000003",
        at: "2024-01-01T09:04:00",
        text: "Build 7\npassed\nhttps://ci.example/7\n[sticker: Wave]",
      }],
    }, {
      name: "",
      kind: "direct",
      is_public: false,
      description: "",
      owner: null,
      members: ["100000000000000001", "100000000000000002"],
      messages: [{ seq: 1, sender: "100000000000000001", at: "2024-01-02T09:00:00", text: "Only for you" }, {
        seq: 2,
        sender: "100000000000000002",
        at: "2024-01-02T09:01:00",
        text: "Started a call that lasted 2 minutes.",
        imported: { system: "Call" },
      }],
    }]);
  });

  test("is counted on both sides, and adds nothing when it is imported again", async () => {
    expect(first.code).toBe(2);
    expect(first.output).toContain("messages: 6 of 7, 6 of them new");
    expect(first.output).toContain("message Garden - Text - general [881000000000000001].json[4] (author: ");
    const rooms = await discord.rooms();
    const again = await discord.run("discord", ...EXPORT);
    expect(again.output).toContain("messages: 6 of 7, 0 of them new");
    expect(await discord.rooms()).toEqual(rooms);
  });

  test("refuses a file that is something else", async () => {
    const file = await discord.write("other.json", '{"messages": [{"id": "1"}]}');
    expect(await discord.run("discord", file)).toMatchObject({
      code: 1,
      errors: expect.stringContaining("before a channel"),
    });
    const none = await discord.write("none.json", "[1, 2");
    expect(await discord.run("discord", none)).toMatchObject({
      code: 1,
      errors: expect.stringContaining("is not JSON"),
    });
  });
});
