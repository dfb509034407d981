import { beforeAll, describe, expect, test } from "vitest";
import { exported } from "./exported.ts";

const stream = await exported("test-stream");
const EXPORT = ["tests/fixtures/exports/stream.jsonl"] as const;

describe("an export of Stream", () => {
  let first: Awaited<ReturnType<typeof stream.run>>;
  beforeAll(async () => {
    first = await stream.run("stream", ...EXPORT);
  });

  test("keeps channels, distinct channels, threads, deletions and reactions", async () => {
    expect(await stream.shown()).toEqual([{
      name: "General",
      kind: "group",
      is_public: false,
      description: "",
      owner: "user_001",
      members: ["user_001 owner", "user_002"],
      messages: [
        {
          seq: 1,
          sender: "user_001",
          at: "2017-02-01T02:00:00",
          text: "Welcome!",
          pinned: true,
          reactions: { "❤️": 1 },
        },
        {
          seq: 2,
          sender: "user_002",
          at: "2017-02-01T02:01:00",
          text: "Thanks\n[file: map.pdf] https://cdn.example.com/map.pdf",
          answers: "Welcome!",
          edited: "2017-02-01T02:02:00",
          imported: { files: [{ url: "https://cdn.example.com/map.pdf", name: "map.pdf" }] },
        },
        { seq: 3, sender: "user_001", at: "2017-02-01T02:03:00", text: "", deleted: "2017-02-01T02:04:00" },
        { seq: 4, sender: "user_001", at: "2017-02-01T02:05:00", text: "Ann has left", imported: { system: "system" } },
      ],
    }, {
      name: "",
      kind: "direct",
      is_public: false,
      description: "",
      owner: "user_001",
      members: ["user_001", "user_002"],
      messages: [{ seq: 1, sender: "user_001", at: "2017-03-01T02:00:00", text: "only for you" }],
    }, {
      name: "White room",
      kind: "group",
      is_public: false,
      description: "",
      owner: "user_001",
      members: ["user_003 owner"],
      messages: [{
        seq: 1,
        sender: "user_003",
        at: "2020-11-10T09:30:00.749745",
        text: "on air",
        reactions: { "👍": 1 },
      }],
    }]);
  });

  test("is counted on both sides, and adds nothing when it is imported again", async () => {
    expect(first.code).toBe(2);
    expect(first.output).toContain("messages: 6 of 7, 6 of them new");
    expect(first.output).toContain("message stream.jsonl:11: a message that only its sender has seen");
    const rooms = await stream.rooms();
    const again = await stream.run("stream", ...EXPORT);
    expect(again.output).toContain("messages: 6 of 7, 0 of them new");
    expect(await stream.rooms()).toEqual(rooms);
  });
});
