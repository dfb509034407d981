import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LiveRoom } from "../../client/sdk/src/index.ts";
import { settles } from "./settling.ts";
import { storedRoom } from "./stored_room.ts";
import { insist, people, StormyRoom } from "./stormy_room.ts";

const { CLIENT_RUNS = "8", CLIENT_SEED = "7" } = process.env;
/** Without a given number of runs, as many as fit into this time. */
const enough = process.env.CLIENT_RUNS ? Infinity : 10_000;

const acts = [
  ..."send,send,burst,edit,edit,delete,pin,unpin,reply,read,read,rename,reopen,leave".split(","),
  ..."mention,mention,mentionAll,mentionLater,mentionLater,mentionAllLater".split(","),
  ..."offline,online,cut,storm,calm".split(","),
];
const step = fc.record({ who: fc.nat(2), act: fc.constantFrom(...acts), pick: fc.nat() });
const sequences = fc.array(step, { minLength: 10, maxLength: 30, size: "max" });
const inboxRow = (who: number, id: number) =>
  people[who]!.device.chat.rooms.getSnapshot().rooms.find((room) => room.id === id);

const listed = (who: number, id: number) =>
  people[who]!.device.chat.mentions.getSnapshot().messages.filter(({ room_id }) => room_id === id);

/** The part of what a user sees of an open room that the database determines. */
function seen(who: number, { id: roomId, getSnapshot }: LiveRoom) {
  const { room, messages, members, pins, unread, status } = getSnapshot();
  return {
    status,
    name: room?.name,
    version: room?.version,
    topic: room?.topic,
    messages: messages.filter(({ state }) => state === "sent").map((message) => {
      const { id, seq, version, sender_id, content, reply_to_id, client_id, deleted_at, mentions_all } = message;
      const mentions = message.mentions.map(({ user_id }) => user_id);
      return {
        id,
        seq,
        version,
        sender_id,
        content,
        reply_to_id,
        client_id,
        mentions_all,
        mentions,
        deleted: deleted_at !== null,
      };
    }),
    members: Object.fromEntries(
      members.map(({ user_id, role, last_read_seq }) => [user_id, { role, last_read_seq }]),
    ),
    pins: pins.map(({ message_id }) => message_id),
    unread,
    mentions: room?.mention_count,
    mentioned: listed(who, roomId).map(({ id }) => id),
  };
}

/** Waits until a user's open room and inbox show what is stored. */
async function showsWhatIsStored({ roomId, rooms }: StormyRoom, who: number): Promise<void> {
  const { id: me, username } = people[who]!.device.account;
  const look = async () => ({
    stored: await storedRoom(roomId, me),
    shown: seen(who, rooms[who]!),
    inbox: inboxRow(who, roomId),
  });
  await settles(look, ({ stored, shown: { status, ...shown }, inbox }) => {
    const { name, version, unread: unread_count, mentions: mention_count } = stored;
    expect(shown, `room ${roomId} of ${username}, ${status}, shown and stored`).toEqual(stored);
    expect(inbox, `room ${roomId} in the inbox of ${username}`)
      .toMatchObject({ name, version, unread_count, mention_count });
  });
}

test("whatever three users do over bad networks, in the end all show what the database holds", async () => {
  const began = performance.now();
  await fc.assert(
    fc.asyncProperty(sequences, async (steps) => {
      if (performance.now() - began > enough) return;
      const memberIds = people.slice(1).map(({ device }) => device.account.id);
      const { rooms } = people[0]!.device.chat;
      const { id } = await insist(() => rooms.createGroup({ name: "Three", isPublic: true, memberIds }));
      const stormy = new StormyRoom(id);
      try {
        await Promise.all(stormy.rooms.map((room) => room.ready));
        for (const step of steps) await stormy.take(step);
        await stormy.heal();
        for (const who of people.keys()) await showsWhatIsStored(stormy, who);
      } finally {
        stormy.close();
      }
    }),
    { seed: Number(CLIENT_SEED), numRuns: Number(CLIENT_RUNS), endOnFailure: true },
  );
}, 60_000 + Number(CLIENT_RUNS) * 5_000);
