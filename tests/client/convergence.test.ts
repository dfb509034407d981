import process from "node:process";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RoomSnapshot } from "../../client/sdk/src/index.ts";
import { settles } from "./settling.ts";
import { storedRoom } from "./stored_room.ts";
import { people, StormyRoom } from "./stormy_room.ts";

const { CLIENT_RUNS = "8", CLIENT_SEED = "7" } = process.env;
/** Without a given number of runs, as many as fit into this time. */
const enough = process.env.CLIENT_RUNS ? Infinity : 10_000;

const acts = [
  ..."send,send,send,send,burst,edit,edit,delete,pin,unpin,reply,read,read,rename,reopen,leave".split(","),
  ..."offline,online,cut,storm,calm".split(","),
];
const step = fc.record({ who: fc.nat(2), act: fc.constantFrom(...acts), pick: fc.nat() });
const sequences = fc.array(step, { minLength: 10, maxLength: 30, size: "max" });
const inboxRow = (who: number, id: number) =>
  people[who]!.device.chat.rooms.getSnapshot().rooms.find((room) => room.id === id);

/** The part of a snapshot that the database determines. */
function seen({ room, messages, members, pins, unread }: RoomSnapshot) {
  return {
    name: room?.name,
    version: room?.version,
    topic: room?.topic,
    messages: messages.filter(({ state }) => state === "sent").map((message) => {
      const { id, seq, version, sender_id, content, reply_to_id, client_id, deleted_at } = message;
      return { id, seq, version, sender_id, content, reply_to_id, client_id, deleted: deleted_at !== null };
    }),
    members: Object.fromEntries(
      members.map(({ user_id, role, last_read_seq }) => [user_id, { role, last_read_seq }]),
    ),
    pins: pins.map(({ message_id }) => message_id),
    unread,
  };
}

/** Waits until a user's open room and inbox show what is stored. */
async function showsWhatIsStored({ roomId, rooms }: StormyRoom, who: number): Promise<void> {
  const { id: me, username } = people[who]!.device.account;
  const look = async () => ({
    stored: await storedRoom(roomId, me),
    snapshot: rooms[who]!.getSnapshot(),
    inbox: inboxRow(who, roomId),
  });
  await settles(look, ({ stored, snapshot, inbox }) => {
    const { name, version, unread } = stored;
    expect(seen(snapshot), `room ${roomId} of ${username}, ${snapshot.status}, shown and stored`).toEqual(stored);
    expect(inbox, `room ${roomId} in the inbox of ${username}`).toMatchObject({ name, version, unread_count: unread });
  });
}

test("whatever three users do over bad networks, in the end all show what the database holds", async () => {
  const began = performance.now();
  await fc.assert(
    fc.asyncProperty(sequences, async (steps) => {
      if (performance.now() - began > enough) return;
      const { id } = await people[0]!.device.chat.rooms.createGroup({
        name: "Three",
        isPublic: true,
        memberIds: people.slice(1).map(({ device }) => device.account.id),
      });
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
