import { beforeAll, expect, test } from "vitest";
import type { LiveRoom, SentMessage } from "../../client/sdk/src/index.ts";
import { newDevice, openLive, say, texts } from "./devices.ts";

const [ann, bob, cleo] = await Promise.all([newDevice("ann"), newDevice("bob"), newDevice("cleo")]);
const memberIds = [bob.account.id, cleo.account.id];

/** A new group of ann's, open for ann and bob. */
async function together() {
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds });
  const [here, there] = await Promise.all([openLive(ann, id), openLive(bob, id)]);
  return { id, here, there };
}

/** A room in which a user began to type at the start, and sent nothing more. */
const silence: { there?: LiveRoom; saidAt: number } = { saidAt: 0 };
beforeAll(async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Silence", memberIds });
  const [here, there] = [ann, bob].map(({ chat }) => chat.rooms.open(id));
  const live = new Promise<void>((resolve) => {
    there!.subscribe(() => there!.getSnapshot().online.length === 2 && resolve());
  });
  await live;
  here!.typing();
  Object.assign(silence, { there, saidAt: Date.now() });
});

test("a message shows for the other user, and for its sender as sending, sent and read", async () => {
  const { id, here, there } = await together();
  const clientId = here.send("Hello!");
  expect(here.getSnapshot().messages).toMatchObject([{ client_id: clientId, state: "sending", id: null }]);
  const [{ key }] = here.getSnapshot().messages as [SentMessage];
  await expect.poll(() => here.getSnapshot().messages).toMatchObject([{ key, state: "sent", seq: 1 }]);
  await expect.poll(() => there.getSnapshot().messages).toMatchObject([
    { key, content: "Hello!", sender_username: ann.account.username },
  ]);
  expect(here.getSnapshot().seenSeq).toBe(0);
  expect(there.getSnapshot().unread).toBe(1);
  there.markRead();
  expect(there.getSnapshot().unread).toBe(0);
  await expect.poll(() => here.getSnapshot().members.find(({ user_id }) => user_id === bob.account.id)?.last_read_seq)
    .toBe(1);
  await cleo.chat.rooms.markRead(id);
  await expect.poll(() => here.getSnapshot().seenSeq).toBe(1);
});

test("edits, deletions and pins show on both sides", async () => {
  const { here, there } = await together();
  const [first, second] = await say(here, "Tea?", "Or coffee?");
  await here.edit(first!.id, "Tea!");
  expect(texts(here)).toEqual(["Tea!", "Or coffee?"]);
  await there.pin(first!.id);
  await expect.poll(() => texts(there)).toEqual(["Tea!", "Or coffee?"]);
  await expect.poll(() => here.getSnapshot().pins).toMatchObject([{ message_id: first!.id }]);
  await here.delete(second!.id);
  await expect.poll(() => there.getSnapshot().messages[1]).toMatchObject({ content: "", seq: 2, state: "sent" });
  expect((there.getSnapshot().messages[1] as SentMessage).deleted_at).toBeTruthy();
  await here.unpin(first!.id);
  await expect.poll(() => there.getSnapshot().pins).toEqual([]);
  expect(Object.keys(here.getSnapshot().messages[0]!)).not.toContain("search");
});

test("a reply finds its original, even when that is not shown", async () => {
  const { id, here } = await together();
  const [first] = await say(here, "Where shall we meet?", "2", "3", "4");
  here.send("At the station", { replyTo: first!.id, metadata: { mood: "good" } });
  await expect.poll(() => here.getSnapshot().messages.at(-1)).toMatchObject({ seq: 5 });
  const room = await openLive(bob, id, { pageSize: 2 });
  await expect.poll(() => texts(room)).toEqual(["4", "At the station"]);
  const reply = room.getSnapshot().messages[1]!;
  expect(reply.metadata).toEqual({ mood: "good" });
  await expect.poll(() => room.find(reply.reply_to_id!)?.content).toBe("Where shall we meet?");
  await here.edit(first!.id, "Where?");
  await expect.poll(() => room.getSnapshot().references.get(first!.id)?.content).toBe("Where?");
});

test("older pages load on demand, up to a message that a search found", async () => {
  const { id, here } = await together();
  const numbers = Array.from({ length: 25 }, (_, n) => `number ${n + 1}`);
  await say(here, ...numbers);
  const room = await openLive(bob, id, { pageSize: 5 });
  expect(texts(room)).toEqual(numbers.slice(20));
  expect(room.getSnapshot().hasOlder).toBe(true);
  await room.loadOlder();
  expect(texts(room)).toEqual(numbers.slice(15));
  const [found] = await room.search("number 3");
  expect(found).toMatchObject({ content: "number 3", sender_username: expect.stringContaining("ann") });
  await room.loadFrom(found!.seq);
  expect(texts(room)).toEqual(numbers.slice(2));
  await room.loadOlder();
  expect(texts(room)).toEqual(numbers);
  expect(room.getSnapshot().hasOlder).toBe(false);
  expect((await bob.chat.rooms.search("number 25")).map(({ content }) => content)).toEqual(["number 25"]);
});

test("a message can be forwarded to another room", async () => {
  const { here } = await together();
  const [message] = await say(here, "Pass it on");
  const other = await openLive(ann, (await ann.chat.rooms.createGroup({ name: "Others" })).id);
  here.forward(message!.id, other.id);
  await expect.poll(() => other.getSnapshot().messages).toMatchObject([
    { content: "Pass it on", state: "sent", forwarded_username: ann.account.username },
  ]);
});

test("typing shows while it lasts, and ends with the message", async () => {
  const { here, there } = await together();
  await expect.poll(() => there.getSnapshot().online).toContain(ann.account.id);
  here.typing();
  await expect.poll(() => there.getSnapshot().typing).toEqual([
    { user_id: ann.account.id, username: ann.account.username },
  ]);
  here.stopTyping();
  await expect.poll(() => there.getSnapshot().typing).toEqual([]);
  here.typing();
  await expect.poll(() => there.getSnapshot().typing).toHaveLength(1);
  here.send("Done");
  await expect.poll(() => there.getSnapshot().typing).toEqual([]);
  expect(here.getSnapshot().typing).toEqual([]);
});

test("typing shows also when it begins before the room is live", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds });
  const there = await openLive(bob, id);
  const here = ann.chat.rooms.open(id);
  const stop = here.subscribe(() => here.typing());
  await expect.poll(() => there.getSnapshot().typing).toHaveLength(1);
  stop();
});

test("only members can show as typing or present", async () => {
  const { here, there } = await together();
  await expect.poll(() => there.getSnapshot().online).toHaveLength(2);
  const topic = `${there.getSnapshot().room!.topic}:live`;
  const channel = ann.supabase.getChannels().find((each) => each.subTopic === topic)!;
  const write = (user_id: string) =>
    channel.send({ type: "broadcast", event: "typing", payload: { user_id, username: "Somebody else", typing: true } });
  await write(crypto.randomUUID());
  await write(cleo.account.id);
  await expect.poll(() => there.getSnapshot().typing).toEqual([
    { user_id: cleo.account.id, username: cleo.account.username },
  ]);
  here.close();
});

test("a user with the room open is online, and leaves when they close it", async () => {
  const { here, there } = await together();
  const both = [ann.account.id, bob.account.id].sort();
  await expect.poll(() => here.getSnapshot().online).toEqual(both);
  await expect.poll(() => there.getSnapshot().online).toEqual(both);
  there.close();
  await expect.poll(() => here.getSnapshot().online).toEqual([ann.account.id]);
  expect(there.getSnapshot()).toMatchObject({ status: "closed", error: null, online: [] });
});

test("a removed member's room closes, and the others continue", async () => {
  const { id, here, there } = await together();
  const gone = await openLive(cleo, id);
  await ann.chat.rooms.removeMember(id, cleo.account.id);
  await expect.poll(() => gone.getSnapshot()).toMatchObject({ status: "closed", error: { code: "room_not_found" } });
  const [message] = await say(there, "Is she gone?");
  await expect.poll(() => texts(here)).toEqual(["Is she gone?"]);
  expect(here.getSnapshot().members.map(({ user_id }) => user_id)).not.toContain(cleo.account.id);
  expect(here.getSnapshot().room!.topic).toBe(`room:${id}:2`);
  expect(texts(gone)).toEqual([]);
  await ann.chat.rooms.addMembers(id, [cleo.account.id]);
  const back = await openLive(cleo, id);
  expect(back.getSnapshot().messages).toMatchObject([{ id: message!.id }]);
  await expect.poll(() => there.getSnapshot().members).toHaveLength(3);
  // All three are on the new topic, and hear each other there.
  for (const room of [here, there, back]) await expect.poll(() => room.getSnapshot().online).toHaveLength(3);
});

test("changed roles and names, and the deletion of a room, reach its open views", async () => {
  const { id, here, there } = await together();
  await ann.chat.rooms.update(id, { name: "Coffee", description: "No tea" });
  await ann.chat.rooms.setRole(id, bob.account.id, "admin");
  await expect.poll(() => there.getSnapshot().room).toMatchObject({ title: "Coffee", role: "admin" });
  await expect.poll(() => here.getSnapshot().members.find(({ user_id }) => user_id === bob.account.id)?.role)
    .toBe("admin");
  await ann.chat.rooms.delete(id);
  for (const room of [here, there]) {
    await expect.poll(() => room.getSnapshot()).toMatchObject({ status: "closed", error: { code: "room_not_found" } });
  }
});

test("refusals are thrown by name", async () => {
  const { here, there } = await together();
  const [message] = await say(here, "Mine");
  await expect(there.edit(message!.id, "Yours")).rejects.toMatchObject({ code: "sender_required", status: 403 });
  await expect(there.delete(message!.id)).rejects.toMatchObject({ code: "role_required", status: 403 });
  await expect(there.search(" ")).rejects.toMatchObject({ code: "invalid_query", status: 400 });
  const direct = await ann.chat.rooms.createDirect(bob.account.id);
  expect(direct).toMatchObject({ kind: "direct", title: bob.account.username });
  await expect(ann.chat.rooms.leave(direct.id)).rejects.toMatchObject({ code: "direct_room_fixed", status: 400 });
  await expect(ann.chat.rooms.get(0)).rejects.toMatchObject({ code: "room_not_found", status: 404 });
  await expect(ann.chat.rooms.createDirect(crypto.randomUUID())).rejects.toMatchObject({ code: "user_not_found" });
  const hers = await ann.chat.rooms.createGroup({ name: "Hers" });
  const refused = bob.chat.rooms.open(hers.id);
  await expect(refused.ready).rejects.toMatchObject({ code: "room_not_found" });
  expect(refused.getSnapshot()).toMatchObject({ status: "closed", error: { code: "room_not_found" } });
  await expect(here.message(0)).rejects.toMatchObject({ code: "message_not_found" });
});

test("typing ends after six seconds without another event", async () => {
  const { there, saidAt } = silence;
  if (Date.now() - saidAt < 5_500) expect(there!.getSnapshot().typing).toHaveLength(1);
  await expect.poll(() => there!.getSnapshot().typing).toEqual([]);
  expect(Date.now() - saidAt).toBeGreaterThan(5_500);
});
