import { afterAll, expect, test } from "vitest";
import { open } from "../relay/socket.ts";
import { database } from "../support/clients.ts";
import { type Device, newDevice, openLive, say } from "./devices.ts";

const sql = database();
afterAll(() => sql.end());

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);
const { id } = await ann.chat.rooms.createDirect(bob.account.id);
// Ann has the room open with the SDK; Bob on the sockets of two documented APIs.
const room = ann.chat.rooms.open(id);
await room.ready;
const { data } = await bob.supabase.auth.getSession();
const token = data.session!.access_token;
const sockets = await Promise.all(["messenger", "mini-chat"].map(async (api) => ({
  api,
  socket: await open(`/${api}/ws/chat/${id}/?token=${token}`),
})));
const numberOf = async ({ account }: Device) =>
  Number((await sql`select number from chat.profiles where id = ${account.id}`)[0]!.number);

const typingFrame: Record<string, string> = { messenger: "typing", "mini-chat": "typing_indicator" };

test("users on sockets show as online in the SDK, and users of the SDK on sockets", async () => {
  await expect.poll(() => room.getSnapshot().online).toEqual([ann.account.id, bob.account.id].sort());
  const number = await numberOf(ann);
  for (const { socket } of sockets) await socket.next({ type: "user_status", user_id: number, is_online: true });
});

test("typing in the SDK shows on sockets, and typing on sockets in the SDK", async () => {
  const number = await numberOf(ann);
  const { username } = ann.account;
  for (const is_typing of [true, false]) {
    if (is_typing) room.typing();
    else room.stopTyping();
    for (const { api, socket } of sockets) {
      const type = typingFrame[api]!;
      expect(await socket.next({ type, is_typing })).toEqual({ type, user_id: number, username, is_typing });
    }
  }
  const bobs = [{ user_id: bob.account.id, username: bob.account.username }];
  for (const { socket } of sockets) {
    socket.send({ type: "typing", is_typing: true });
    await expect.poll(() => room.getSnapshot().typing).toEqual(bobs);
    socket.send({ type: "typing", is_typing: false });
    await expect.poll(() => room.getSnapshot().typing).toEqual([]);
  }
});

test("typing is broadcast in one shape", async () => {
  const { topic } = room.getSnapshot().room!;
  const heard: unknown[] = [];
  const listener = bob.supabase.channel(`${topic}:live`, { config: { private: true } });
  await bob.supabase.realtime.setAuth();
  await new Promise<void>((resolve) =>
    listener.on("broadcast", { event: "typing" }, ({ payload }) => heard.push(payload))
      .subscribe((status) => status === "SUBSCRIBED" && resolve())
  );
  room.typing();
  sockets[0]!.socket.send({ type: "typing", is_typing: true });
  const [anns, bobs] = await Promise.all([ann, bob].map(async (device) => ({
    user_id: device.account.id,
    number: await numberOf(device),
    username: device.account.username,
    is_typing: true,
  })));
  await expect.poll(() => heard).toHaveLength(2);
  expect(heard).toEqual(expect.arrayContaining([anns, bobs]));
  await bob.supabase.removeChannel(listener);
});

test("typing of many unknown users does not hide that of a member in the SDK", async () => {
  const { topic } = room.getSnapshot().room!;
  const live = ann.supabase.getChannels().find(({ subTopic }) => subTopic === `${topic}:live`)!;
  const forger = bob.supabase.channel(live.subTopic, { config: { private: true } });
  await bob.supabase.realtime.setAuth();
  await new Promise<void>((resolve) => forger.subscribe((status) => status === "SUBSCRIBED" && resolve()));
  const type = (payload: object) => forger.send({ type: "broadcast", event: "typing", payload });
  for (let count = 0; count < 150; count++) {
    await type({ user_id: crypto.randomUUID(), username: "Admin", is_typing: true });
  }
  await type({ user_id: bob.account.id, username: "Admin", is_typing: true });
  await expect.poll(() => room.getSnapshot().typing).toEqual([
    { user_id: bob.account.id, username: bob.account.username },
  ]);
  await bob.supabase.removeChannel(forger);
});

test("a user who leaves is offline on the other side", async () => {
  const number = await numberOf(ann);
  for (const { socket } of sockets.slice(1)) await socket.close();
  room.close();
  await sockets[0]!.socket.next({ type: "user_status", user_id: number, is_online: false });
  const again = await openLive(ann, room.id);
  await expect.poll(() => again.getSnapshot().online).toContain(bob.account.id);
  await sockets[0]!.socket.close();
  await expect.poll(() => again.getSnapshot().online).toEqual([ann.account.id]);
  again.close();
});

test("a renamed user shows under the new username in open rooms", async () => {
  const again = await openLive(ann, room.id);
  expect(again.getSnapshot().room!.title).toBe(bob.account.username);
  const bobs = await openLive(bob, room.id);
  await say(bobs, "From Bob");
  await expect.poll(() => again.getSnapshot().messages.at(-1)).toMatchObject({ content: "From Bob" });
  const username = `robert-${crypto.randomUUID().slice(0, 8)}`;
  await bob.chat.profiles.update({ username });
  await expect.poll(() => again.getSnapshot().room!.title).toBe(username);
  expect(again.getSnapshot().members.map((member) => member.username)).toContain(username);
  await expect.poll(() => again.getSnapshot().messages.at(-1)).toMatchObject({ sender_username: username });
  bobs.close();
  again.close();
});
