import type { Row } from "../replica.ts";
import type { World } from "../world.ts";
import { type Action, again, calling, insert, ofGroup, own, refused, remove, update } from "./action.ts";

const created = { room: ["message.created"] };
const pinned = { room: ["message.pinned"] };
const unpinned = { room: ["message.unpinned"] };
const reacted = { room: ["message.reactions"] };
const edited = { room: ["message.updated"] };
const read = { room: ["member.read"] };
const one = ({ made }: World) => ({ message_id: made.one.id });
const thumb = (world: World) => ({ ...one(world), emoji: "👍" });
const tea = (world: World) => ({ ...ofGroup(world), name: "tea.txt", mime_type: "text/plain", bytes: 3 });
const client_id = crypto.randomUUID();
const send = (content: string, more: (world: World) => Row = () => ({})) => (world: World) => ({
  ...ofGroup(world),
  content,
  ...more(world),
});

export const messageActions: Action[] = [
  calling("owner", "send_message", send("one", () => ({ client_id, metadata: { mood: "good" } })), created, "one"),
  calling("owner", "send_message", send("one", () => ({ client_id, metadata: { mood: "good" } })), again),
  refused("owner", "send_message", send("another one", () => ({ client_id })), "client_id_reused"),
  calling("member", "mark_delivered", ofGroup, read),
  calling("member", "mark_read", ofGroup, read),
  calling("member", "mark_read", ofGroup, again),
  calling("member", "mark_delivered_many", ({ rooms }) => ({ room_ids: [rooms.group], seqs: [1] }), again),
  calling("member", "send_message", send("two", ({ made }) => ({ reply_to_id: made.one.id })), {
    how: "a reply",
    ...created,
  }, "two"),
  refused("stranger", "send_message", send("from outside"), "room_not_found"),
  refused("gone", "send_message", send("once more"), "room_not_found"),
  refused("owner", "send_message", send("a reply to nothing", () => ({ reply_to_id: 0 })), "message_not_found"),
  {
    entryPoints: ["insert messages"],
    run: async (world) => world.made.three = await insert(world, "other", "messages", send("three")(world)),
    ...created,
  },
  {
    entryPoints: ["update room_members.last_delivered_seq"],
    run: (world) => update(world, "member", "room_members", { last_delivered_seq: 3 }, own(world, "member")),
    ...read,
  },
  {
    entryPoints: ["update room_members.last_read_seq"],
    run: (world) => update(world, "owner", "room_members", { last_read_seq: 2 }, own(world, "owner")),
    ...read,
  },
  {
    entryPoints: ["update room_members.archived_at", "update room_members.muted_until"],
    run: (world) =>
      update(world, "owner", "room_members", { archived_at: "now", muted_until: "tomorrow" }, own(world, "owner")),
  },
  calling("owner", "edit_message", (world) => ({ ...one(world), content: "changed" }), edited),
  calling("owner", "edit_message", (world) => ({ ...one(world), content: "changed" }), again),
  {
    entryPoints: ["update messages.content"],
    run: (world) => update(world, "member", "messages", { content: "changed too" }, { id: world.made.two.id }),
    ...edited,
  },
  calling("member", "pin_message", one, pinned),
  calling("other", "pin_message", one, again),
  calling("other", "unpin_message", one, unpinned),
  { entryPoints: ["insert pins"], run: (world) => insert(world, "other", "pins", one(world)), ...pinned },
  { entryPoints: ["delete pins"], run: (world) => remove(world, "member", "pins", one(world)), ...unpinned },
  calling("member", "react", thumb, reacted),
  calling("member", "react", thumb, again),
  calling("other", "react", thumb, { how: "as another has", ...reacted }),
  calling("other", "unreact", thumb, reacted),
  calling("other", "unreact", thumb, again),
  refused("stranger", "react", thumb, "message_not_found"),
  refused("gone", "unreact", thumb, "message_not_found"),
  refused("owner", "react", (world) => ({ ...one(world), emoji: "ok" }), "invalid_emoji"),
  calling("owner", "forward_message", ({ made, rooms }) => ({
    message_id: made.one.id,
    target_room_id: rooms.elsewhere,
  }), { scene: "elsewhere", ...created }),
  calling("owner", "pin_message", one, pinned),
  calling("owner", "delete_message", one, {
    how: "a pinned one with reactions",
    room: ["message.deleted", "message.unpinned"],
  }),
  calling("owner", "delete_message", ({ made }) => ({ message_id: made.three.id }), {
    how: "another's",
    room: ["message.deleted"],
  }),
  calling("owner", "delete_message", one, again),
  calling("owner", "begin_upload", tea, {}, "file"),
  {
    entryPoints: ["send_message"],
    how: "one with a file",
    async run(world) {
      await world.upload("owner", world.made.file, "tea");
      world.made.four = await world.call("owner", "send_message", {
        ...send("")(world),
        attachment_ids: [world.made.file.id],
      });
    },
    ...created,
  },
  calling("owner", "forward_message", ({ made, rooms }) => ({
    message_id: made.four.id,
    target_room_id: rooms.elsewhere,
  }), { how: "one with a file", scene: "elsewhere", ...created }),
  calling("owner", "delete_message", ({ made }) => ({ message_id: made.four.id }), {
    how: "one with a file",
    room: ["message.deleted"],
  }),
  calling("owner", "begin_upload", tea, {}, "given up"),
  calling("owner", "cancel_upload", ({ made }) => ({ attachment_id: made["given up"].id }), {}),
  refused("stranger", "begin_upload", tea, "room_not_found"),
  calling("owner", "send_message", send("@member", (world) => ({ mentions: [world.id("member")] })), {
    how: "one that mentions a member",
    ...created,
  }, "five"),
  calling("owner", "edit_message", ({ made, id }) => ({
    message_id: made.five.id,
    content: "@other",
    mentions: [id("other")],
  }), { how: "to mention another member", ...edited, people: { other: ["mention.added"] } }),
  refused(
    "owner",
    "send_message",
    send("@stranger", (world) => ({ mentions: [world.id("stranger")] })),
    "member_not_found",
  ),
];
