import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { database } from "../support/clients.ts";
import { messageActions } from "./actions/messages.ts";
import { personActions } from "./actions/people.ts";
import { roomActions } from "./actions/rooms.ts";
import { allEntryPoints, expectReaders } from "./audience.ts";
import { names, World } from "./world.ts";

let sql: Sql;
let world: World;

beforeAll(async () => {
  sql = database();
  world = await World.open(inject("status"), sql);
  const create = async (name: string, ...members: ("member" | "other" | "gone" | "stranger")[]) =>
    (await world.call("owner", "create_group_room", { name, member_ids: members.map(world.id) })).id;
  world.rooms.group = await create("Group", "member", "other", "gone");
  world.rooms.elsewhere = await create("Elsewhere", "stranger");
  await world.settled();
  // Removed, but subscribed to the topic that the group had.
  await world.call("owner", "remove_member", { room_id: world.rooms.group, user_id: world.id("gone") });
  await world.settled();
});
afterAll(async () => {
  await world.close();
  await sql.end();
});

const actions = [...messageActions, ...personActions, ...roomActions]
  .map(({ entryPoints, how, ...action }) => ({
    title: entryPoints.join(", ") + (how ? `, ${how}` : ""),
    entryPoints,
    ...action,
  }));

test("every way to change something is tested", async () => {
  expect([...new Set(actions.flatMap(({ entryPoints }) => entryPoints))].sort()).toEqual(await allEntryPoints(sql));
});

test.each(actions)(
  "$title: the known state and its events add up to what each user can read, and only readers receive them",
  async (
    { run, scene = "group", room = [], synced = [], people = {}, conversation = {}, silent },
  ) => {
    for (const session of world.sessions) Object.assign(session, { heard: [], synced: [] });
    const before = await world.members(world.rooms[scene]);
    await run(world);
    await world.settled();
    const after = await world.members(world.rooms[scene]);
    silent?.(world);
    await Promise.all(names.map(async (name) => {
      const isMember = before.has(name);
      const expected = {
        room: isMember ? room : [],
        user: people[name] ?? [],
        conversation: conversation[name] ?? [],
        synced: isMember && after.has(name) ? synced : [],
        replica: await world.readAfresh(name),
      };
      for (const session of world.of(name)) {
        const { replica, synced } = session;
        const [room, user, conversation] = ["room:", "user:", "conversation:"].map(session.heardOn);
        expect({ room, user, conversation, replica, synced: synced.map(({ event }) => event) }, name).toEqual(expected);
      }
    }));
    await expectReaders(world, new Set(names.filter((name) => before.has(name) !== after.has(name))));
  },
);

test("users outside a room can subscribe to none of its topics", async () => {
  const { elsewhere } = world.rooms;
  const [room] = await sql`select topic from chat.rooms where id = ${elsewhere}`;
  for (const topic of [room!.topic, `${room!.topic}:live`]) {
    expect(await world.listen(topic)).toEqual(await world.members(elsewhere));
  }
});
