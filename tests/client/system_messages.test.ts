import { expect, inject, test } from "vitest";
import { client } from "../support/clients.ts";
import type { LiveRoom } from "../../client/sdk/src/index.ts";
import { newDevice, openLive, say } from "./devices.ts";

const [ann, bob, cleo, dan] = await Promise.all(["ann", "bob", "cleo", "dan"].map((name) => newDevice(name)));
const backend = client({ key: inject("status").secret_key });

/** What a room shows: the kind, the seq of the message before, and whom it is about. */
const lines = (room: LiveRoom) =>
  room.getSnapshot().systemMessages.map(({ kind, after_seq, people, content }) =>
    [kind, after_seq, ...people.map(({ username }) => username), ...content === null ? [] : [content]].join(" ")
  );

test("system messages stand between messages: those of changes as they happen, and earlier ones with each page", async () => {
  const { id } = await ann!.chat.rooms.createGroup({ name: "Lines", memberIds: [bob!.account.id] });
  const here = await openLive(ann!, id);
  const [annName, bobName, cleoName, danName] = [ann!, bob!, cleo!, dan!].map(({ account }) => account.username);
  const opened = [`created 0 ${annName}`, `added 0 ${bobName}`];
  await expect.poll(() => lines(here)).toEqual(opened);
  await say(here, "One", "Two");
  await ann!.chat.rooms.addMembers(id, [cleo!.account.id, dan!.account.id]);
  await expect.poll(() => lines(here).at(-1)?.split(" ").sort())
    .toEqual(["added", "2", cleoName, danName].sort());
  await say(here, "Three");
  const client_id = crypto.randomUUID();
  const said = { room_id: id, content: "Your parcel is here.", client_id };
  for (let time = 1; time <= 2; time++) {
    expect((await backend.rpc("send_system_message", said)).data).toMatchObject({ content: said.content, client_id });
  }
  await cleo!.chat.rooms.leave(id);
  const all = () => [...opened, lines(here)[2], `text 3 ${said.content}`, `left 3 ${cleoName}`];
  await expect.poll(() => lines(here)).toEqual(all());
  expect(here.getSnapshot().messages).toHaveLength(3);
  expect(here.getSnapshot().unread).toBe(0);

  const there = await openLive(bob!, id, { pageSize: 1 });
  await expect.poll(() => lines(there)).toEqual(all().slice(3));
  await there.loadOlder();
  await expect.poll(() => lines(there).length).toBe(3);
  await there.loadOlder();
  await expect.poll(() => lines(there).slice(0, 2)).toEqual(opened);
  expect(there.getSnapshot().systemMessages.map(({ version }) => version))
    .toEqual(here.getSnapshot().systemMessages.map(({ version }) => version));
  expect((await bob!.chat.rooms.list()).find((room) => room.id === id)).toMatchObject({
    last_message: { content: "Three" },
    unread_count: 3,
  });
});
