import { expect, inject, test } from "vitest";
import type { SentMessage } from "../../client/sdk/src/index.ts";
import { Proxy } from "../support/proxy.ts";
import { newDevice, openLive, say, texts } from "./devices.ts";

const proxy = await Proxy.start(inject("status").api_url);
const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob", proxy.url)]);

async function newRoom(pageSize?: number) {
  const { id } = await ann.chat.rooms.createGroup({ name: "Late", memberIds: [bob.account.id] });
  const here = await openLive(ann, id);
  await say(here, "One", "Two", "Three", "Four");
  return { id, here, there: await openLive(bob, id, { pageSize }) };
}

test("a response that arrives after a later event does not restore the older state", async () => {
  const { here, there } = await newRoom();
  const [mine] = await say(there, "Mine");
  const answers = proxy.hold(/\/rpc\/edit_message/, "answers");
  const editing = there.edit(mine!.id, "Mine, edited");
  await expect.poll(() => texts(here).at(-1)).toBe("Mine, edited");
  await here.delete(mine!.id);
  const last = () => there.getSnapshot().messages.at(-1) as SentMessage;
  await expect.poll(() => last().deleted_at).toBeTruthy();
  answers.release();
  await editing;
  expect(last()).toMatchObject({ content: "", deleted_at: expect.any(String) });
});

test("an event that arrives after the response to its call still moves the sender's read mark", async () => {
  const { there } = await newRoom();
  const mark = () => there.getSnapshot().members.find(({ user_id }) => user_id === bob.account.id)!.last_read_seq;
  there.markRead();
  await expect.poll(async () => (await bob.chat.rooms.get(there.id)).last_read_seq).toBe(4);
  const events = proxy.hold(/"Mine"/, "events");
  await say(there, "Mine");
  await expect.poll(() => events.held).toBe(1);
  expect(there.getSnapshot().room!.last_seq).toBe(5);
  events.release();
  await expect.poll(mark).toBe(5);
});

test("changes that arrive while an older page is loading show in it", async () => {
  const { here, there } = await newRoom(2);
  expect(texts(there)).toEqual(["Three", "Four"]);
  const answers = proxy.hold(/\/messages\?/, "answers");
  const loading = there.loadOlder();
  await expect.poll(() => answers.held).toBe(1);
  const [one] = here.getSnapshot().messages as [SentMessage];
  await here.edit(one.id, "One, edited");
  const { version } = here.getSnapshot().messages[0] as SentMessage;
  await expect.poll(() => there.getSnapshot().room!.version).toBe(version);
  answers.release();
  await loading;
  expect(texts(there)).toEqual(["One, edited", "Two", "Three", "Four"]);
});
