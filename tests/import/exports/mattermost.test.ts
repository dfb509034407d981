import { beforeAll, describe, expect, test } from "vitest";
import { exported } from "./exported.ts";

const mattermost = await exported("test-mattermost");
const EXPORT = ["tests/fixtures/exports/mattermost.jsonl"] as const;

describe("an export of Mattermost", () => {
  let first: Awaited<ReturnType<typeof mattermost.run>>;
  beforeAll(async () => {
    first = await mattermost.run("mattermost", ...EXPORT);
  });

  test("keeps teams, channels, direct and group messages, and answers", async () => {
    expect(await mattermost.shown()).toEqual([{
      name: "Town Square",
      kind: "group",
      is_public: true,
      description: "Tea at noon",
      owner: null,
      members: ["ann owner", "bob"],
      messages: [{
        seq: 1,
        sender: "ann",
        at: "2024-01-01T10:00:00",
        text: "ann joined the channel.",
        imported: { system: "system_join_channel" },
      }, {
        seq: 2,
        sender: "ann",
        at: "2024-01-01T10:01:00",
        text: "Hello @bob",
        edited: "2024-01-01T10:01:40",
        pinned: true,
        reactions: { "👍": 2 },
      }, {
        seq: 3,
        sender: "bob",
        at: "2024-01-01T10:01:20",
        text: "Hi\n[file: map.png]",
        answers: "Hello @bob",
        imported: { files: [{ name: "map.png" }] },
      }, { seq: 4, sender: "bob", at: "2024-01-01T10:01:20", text: "Hi again", answers: "Hello @bob" }],
    }, {
      name: "Plans",
      kind: "group",
      is_public: false,
      description: "secret",
      owner: null,
      members: ["ann owner"],
      messages: [{ seq: 1, sender: "ann", at: "2024-01-01T10:03:20", text: "a secret" }],
    }, {
      name: "",
      kind: "direct",
      is_public: false,
      description: "",
      owner: null,
      members: ["ann", "bob"],
      messages: [{ seq: 1, sender: "ann", at: "2024-01-01T10:05:00", text: "only for you" }],
    }, {
      name: expect.stringMatching(/^ann\d*, bob\d*, carol\d*$/),
      kind: "group",
      is_public: false,
      description: "",
      owner: null,
      members: ["ann owner", "bob", "carol"],
      messages: [{ seq: 1, sender: "carol", at: "2024-01-01T10:06:40", text: "the three of us" }],
    }]);
  });

  test("is counted on both sides, and adds nothing when it is imported again", async () => {
    expect(first.code).toBe(2);
    expect(first.output).toContain("messages: 7 of 8, 7 of them new");
    expect(first.output).toContain("message mattermost.jsonl:15 (user: ");
    const rooms = await mattermost.rooms();
    const again = await mattermost.run("mattermost", ...EXPORT);
    expect(again.output).toContain("messages: 7 of 8, 0 of them new");
    expect(await mattermost.rooms()).toEqual(rooms);
  });

  test("keeps read marks, and takes no address of who was removed", async () => {
    const marks = await mattermost.sql`
      select raw_app_meta_data ->> 'source_id' as person, last_read_seq::integer as read
      from chat.room_members join auth.users on users.id = user_id join chat.rooms on rooms.id = room_id
      where raw_app_meta_data ->> 'imported_from' = 'test-mattermost' and rooms.name = 'Town Square' order by 1`;
    expect(marks.map(({ person, read }) => `${person} ${read}`)).toEqual(["ann 2", "bob 4"]);
    expect(await mattermost.people()).toMatchObject({
      ann: { first_name: "Ann", last_name: "Smith", email: "ann@example.com" },
      bob: { first_name: "Bobby", last_name: "", email: null },
    });
  });

  test("makes a channel of one of several teams private, unless everybody may join the team, and every room if asked", async () => {
    const lines = [
      { type: "version", version: 1 },
      { type: "team", team: { name: "closed", type: "I" } },
      { type: "team", team: { name: "open", type: "O" } },
      { type: "channel", channel: { team: "closed", name: "a", type: "O" } },
      { type: "channel", channel: { team: "open", name: "b", type: "O" } },
    ];
    const file = await mattermost.write("teams.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
    await mattermost.run("mattermost", file, "--name", "test-mattermost-teams");
    const rooms = await mattermost.rooms("test-mattermost-teams");
    expect(rooms.map(({ name, is_public }) => [name, is_public]).sort()).toEqual([["a", false], ["b", true]]);

    await mattermost.run("mattermost", file, "--private", "--name", "test-mattermost-private");
    const all = await mattermost.rooms("test-mattermost-private");
    expect(all.map(({ is_public }) => is_public)).toEqual([false, false]);
  });
});
