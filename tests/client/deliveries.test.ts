import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newDevice } from "./devices.ts";

const sql = database();
afterAll(() => sql.end());

const marksOf = async (room: number, user: string) => {
  const [row] = await sql<{ delivered: number; read: number }[]>`
    select last_delivered_seq::integer as delivered, last_read_seq::integer as read
    from chat.room_members where room_id = ${room} and user_id = ${user}`;
  return row;
};

const movements = async (room: number, user: string) =>
  (await sql`select from realtime.messages where event = 'member.read' and topic like ${`room:${room}:%`}
    and payload ->> 'user_id' = ${user}`).length;

test("messages that reach the inbox are delivered, in few calls, and not read", async () => {
  const [ann, bob] = [await newDevice("ann"), await newDevice("bob")];
  const [annId, bobId] = [await ann.chat.userId(), await bob.chat.userId()];
  const { id: room } = await ann.chat.rooms.createDirect(bobId);
  bob.chat.rooms.subscribe(() => {});
  await expect.poll(() => bob.chat.rooms.getSnapshot().rooms.length).toBe(1);
  for (let n = 0; n < 10; n++) {
    await sql`insert into chat.messages (room_id, sender_id, content)
      select ${room}, ${annId}, n::text from generate_series(1, 100) as n`;
  }
  await expect.poll(() => marksOf(room, bobId), { timeout: 10_000 }).toEqual({ delivered: 1000, read: 0 });
  expect(await movements(room, bobId)).toBeLessThanOrEqual(3);
});

test("messages already there when the inbox or a room opens are delivered; a read is sent once", async () => {
  const [ann, bob, eve] = [await newDevice("ann"), await newDevice("bob"), await newDevice("eve")];
  const [annId, bobId, eveId] = [await ann.chat.userId(), await bob.chat.userId(), await eve.chat.userId()];
  const room = (await ann.chat.rooms.createGroup({ name: "Tea", memberIds: [bobId, eveId] })).id;
  await sql`insert into chat.messages (room_id, sender_id, content) values (${room}, ${annId}, 'Tea?')`;
  bob.chat.rooms.subscribe(() => {});
  await expect.poll(() => marksOf(room, bobId), { timeout: 10_000 }).toEqual({ delivered: 1, read: 0 });
  const open = eve.chat.rooms.open(room);
  await open.ready;
  open.markRead();
  await expect.poll(() => marksOf(room, eveId), { timeout: 10_000 }).toEqual({ delivered: 1, read: 1 });
  await sleep(2500);
  expect([await movements(room, bobId), await movements(room, eveId)]).toEqual([1, 1]);
});
