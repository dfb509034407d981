import { beforeAll, describe, expect, test } from "vitest";
import { exported } from "./exported.ts";

const telegram = await exported("test-telegram");
const EXPORT = ["tests/fixtures/exports/telegram", "--zone", "Europe/Berlin"] as const;

describe("an export of Telegram", () => {
  let first: Awaited<ReturnType<typeof telegram.run>>;
  beforeAll(async () => {
    first = await telegram.run("telegram", ...EXPORT);
  });

  test("keeps chats of an account and single ones, with services, pins, forwards and edits", async () => {
    expect(await telegram.shown()).toEqual([{
      name: "Old group",
      kind: "group",
      is_public: false,
      description: "",
      owner: null,
      members: ["user1001 owner"],
      messages: [{ seq: 1, sender: "user1001", at: "2019-07-01T10:00:00", text: "of an old version" }],
    }, {
      name: "",
      kind: "direct",
      is_public: false,
      description: "",
      owner: null,
      members: ["user1001", "user1002"],
      messages: [{ seq: 1, sender: "user1001", at: "2024-01-01T10:00:00", text: "Only for you" }, {
        seq: 2,
        sender: "user1002",
        at: "2024-01-01T10:01:00",
        text: "Bob phone call",
        imported: { system: "phone_call" },
      }],
    }, {
      name: "Garden",
      kind: "group",
      is_public: false,
      description: "",
      owner: null,
      members: ["user1001 owner", "user1002", "user1003"],
      messages: [
        {
          seq: 1,
          sender: "user1001",
          at: "2024-01-02T10:00:00",
          text: 'Ann Smith create group "Garden" Bob',
          imported: { system: "create_group" },
        },
        {
          seq: 2,
          sender: "user1001",
          at: "2024-01-02T10:01:00",
          text: "See the plan (https://example.com/plan) @bob, now",
          edited: "2024-01-02T10:02:00",
          pinned: true,
          imported: { reactions: [{ count: 2, emoji: "👍", people: ["user1002"] }] },
          reactions: { "👍": 1 },
        },
        {
          seq: 3,
          sender: "user1003",
          at: "2024-01-02T10:03:00",
          text: "Deleted people have written, too",
          answers: "See the plan (https://example.com/plan) @bob, now",
        },
        {
          seq: 4,
          sender: "user1002",
          at: "2024-01-02T10:04:00",
          text: "a photo\n[file: photo, not in the export]",
          imported: { files: [{ name: "photo, not in the export" }] },
        },
        {
          seq: 5,
          sender: "user1002",
          at: "2024-01-02T10:05:00",
          text: "[forwarded from News]\n[file: plan.pdf]",
          imported: { files: [{ name: "plan.pdf" }], forwarded_from: "News" },
        },
        { seq: 6, sender: "user1002", at: "2024-01-02T10:06:00", text: "[sticker 😀]" },
        { seq: 7, sender: "user1002", at: "2024-01-02T10:07:00", text: "[poll: Tea?]\n- yes\n- no" },
        {
          seq: 8,
          sender: "user1001",
          at: "2024-01-02T10:08:00",
          text: "Ann Smith pin message",
          imported: { system: "pin_message" },
        },
      ],
    }, {
      name: "Open",
      kind: "group",
      is_public: true,
      description: "",
      owner: null,
      members: ["channel3001 owner"],
      messages: [{ seq: 1, sender: "channel3001", at: "2024-01-03T10:00:00", text: "news" }],
    }]);
  });

  test("is counted on both sides, and adds nothing when it is imported again", async () => {
    expect(first.code).toBe(0);
    expect(first.output).toContain("messages: 12 of 12, 12 of them new");
    expect(first.output).not.toContain("Left out");
    const rooms = await telegram.rooms();
    const again = await telegram.run("telegram", ...EXPORT);
    expect(again.output).toContain("messages: 12 of 12, 0 of them new");
    expect(await telegram.rooms()).toEqual(rooms);
  });

  test("asks for the time zone of an old export, instead of guessing", async () => {
    const { code, errors } = await telegram.run("telegram", "tests/fixtures/exports/telegram/chat.json");
    expect([code, errors]).toEqual([1, expect.stringContaining("say --zone")]);
  });
});
