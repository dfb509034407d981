import { afterAll, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newDevice, openLive, say, texts } from "./devices.ts";

const sql = database();
afterAll(() => sql.end());

test.each([
  ["is counted", sql`chat_private.record_change(rooms.id, 'reaction.added', '{}')`],
  [
    "is not counted",
    sql`chat_private.announce(
    rooms.topic, 'room.shaken', jsonb_build_object('room_id', rooms.id, 'version', rooms.version))`,
  ],
])("an event of a newer database, which the SDK does not know, hides nothing if it %s", async (_, announced) => {
  const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);
  const { id } = await ann.chat.rooms.createGroup({ name: "Newer", memberIds: [bob.account.id] });
  const [here, there] = await Promise.all([openLive(ann, id), openLive(bob, id)]);
  await sql`select ${announced} from chat.rooms as rooms where id = ${id}`;
  await say(here, "After");
  await expect.poll(() => texts(there)).toEqual(["After"]);
  const [{ version }] = await sql<[{ version: number }]>`select version::integer from chat.rooms where id = ${id}`;
  await expect.poll(() => there.getSnapshot().room?.version).toBe(version);
});
