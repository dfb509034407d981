import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, inject, onTestFinished, test } from "vitest";
import type { FileStorage, NewFile } from "../../client/sdk/src/index.ts";
import { database } from "../support/clients.ts";
import { fine, Proxy } from "../support/proxy.ts";
import { another, type Device, newDevice, openLive } from "./devices.ts";
import { MemoryStorage } from "./memory_storage.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

async function newRoom(): Promise<number> {
  return (await ann.chat.rooms.createGroup({ name: "Files", memberIds: [bob.account.id] })).id;
}

/** What IndexedDB is to the tabs of a browser. */
class MemoryFiles implements FileStorage {
  readonly bodies = new Map<string, Blob>();
  get = (id: string) => Promise.resolve(this.bodies.get(id));
  set = (id: string, body: Blob) => Promise.resolve(this.bodies.set(id, body));
  delete = (ids: readonly string[]) => Promise.resolve(ids.forEach((id) => this.bodies.delete(id)));
}

async function network(): Promise<Proxy> {
  const proxy = await Proxy.start(inject("status").api_url);
  onTestFinished(() => proxy.close());
  return proxy;
}

const text = (content: string, name = `${content}.txt`): NewFile => ({
  body: new Blob([content], { type: "text/plain" }),
  name,
});

/** The text and the contents of the files of each message of a room, as bob gets them. */
async function received(roomId: number, device: Device = bob): Promise<[string, ...string[]][]> {
  const room = device.chat.rooms.open(roomId);
  try {
    await room.ready;
    return await Promise.all(
      room.getSnapshot().messages.map(async ({ content, attachments }) => {
        const urls = await Promise.all(attachments.map((each) => room.fileUrl(each)));
        return [content, ...await Promise.all(urls.map(async (url) => (await fetch(url)).text()))] as [string];
      }),
    );
  } finally {
    room.close();
  }
}

const sql = database();
afterAll(() => sql.end());
/** The ids of the files of a room, also of those that were not sent. */
const rowsOf = (roomId: number) => sql`select id from chat.attachments where room_id = ${roomId}`;

const states = (room: ReturnType<Device["chat"]["rooms"]["open"]>) =>
  room.getSnapshot().messages.map(({ state }) => state);
const emptyQueue = ({ chat }: Device) => expect.poll(() => chat.outbox.getSnapshot()).toEqual([]);

test("a message with files arrives once they are stored, in the order of the files, with what was said of them", async () => {
  const id = await newRoom();
  const [mine, theirs] = await Promise.all([openLive(ann, id), openLive(bob, id)]);
  const picture = { ...text("not really a picture"), type: "image/png", width: 40, height: 30 };
  mine.send("Look", { files: [picture, { ...text("la la", "la.mp3"), type: "audio/mpeg", durationMs: 1_500.4 }] });
  const [queued] = mine.getSnapshot().messages;
  expect(queued).toMatchObject({ state: "sending", attachments: [{ progress: 0, width: 40 }, { name: "la.mp3" }] });
  await expect.poll(() => theirs.getSnapshot().messages.length).toBe(1);
  const [arrived] = theirs.getSnapshot().messages;
  expect(arrived!.content).toBe("Look");
  expect(arrived!.attachments).toEqual([
    {
      ...{
        id: queued!.attachments[0]!.id,
        path: `${id}/${queued!.attachments[0]!.id}`,
        name: "not really a picture.txt",
      },
      ...{ mime_type: "image/png", bytes: 20, width: 40, height: 30, duration_ms: null },
    },
    expect.objectContaining({ name: "la.mp3", mime_type: "audio/mpeg", duration_ms: 1_500, width: null }),
  ]);
  await expect.poll(() => states(mine)).toEqual(["sent"]);
  expect(mine.getSnapshot().messages[0]!.key).toBe(queued!.key);
  expect(await received(id)).toEqual([["Look", "not really a picture", "la la"]]);
  expect(await ann.chat.outbox.file(queued!.attachments[0]!.id)).toBe(undefined);
});

test("a message may have only files; a download keeps the name of the file", async () => {
  const id = await newRoom();
  const room = await openLive(ann, id);
  room.send("", { files: [text("plain", "отчёт & 100%.txt")] });
  await emptyQueue(ann);
  await expect.poll(() => states(room)).toEqual(["sent"]);
  const [attachment] = room.getSnapshot().messages[0]!.attachments;
  const response = await fetch(await room.fileUrl(attachment!, { download: true }));
  expect(response.headers.get("content-disposition")).toContain(encodeURIComponent("отчёт & 100%.txt"));
  expect(await response.text()).toBe("plain");
});

test("messages of a room keep their order behind a file; those of other rooms do not wait for it", async () => {
  const proxy = await network();
  const device = await another(ann, proxy.url);
  const [one, other] = [await newRoom(), await newRoom()];
  const rooms = [await openLive(device, one), await openLive(device, other)] as const;
  const stop = await blockUploads(proxy);
  rooms[0].send("with a file", { files: [text("slow")] });
  rooms[0].send("after it");
  rooms[1].send("elsewhere");
  await expect.poll(() => states(rooms[1])).toEqual(["sent"]);
  expect(states(rooms[0])).toEqual(["sending", "sending"]);
  stop();
  await emptyQueue(device);
  expect((await received(one)).map(([content]) => content)).toEqual(["with a file", "after it"]);
});

/** Loses the network for uploads only. */
function blockUploads(proxy: Proxy): () => void {
  const { fetch: send } = globalThis;
  globalThis.fetch = (input, init) =>
    init?.method === "PUT" && String(input).startsWith(proxy.url)
      ? Promise.reject(new TypeError("no network"))
      : send(input, init);
  const stop = () => void (globalThis.fetch = send);
  onTestFinished(stop);
  return stop;
}

test("each file is stored once and each message sent once, however often answers are lost and requests repeated", async () => {
  const proxy = await network();
  const device = await another(ann, proxy.url);
  const id = await newRoom();
  const room = await openLive(device, id);
  proxy.weather = { ...fine, answersLost: 0.3, requestsTwice: 0.2 };
  const numbers = Array.from({ length: 8 }, (_, number) => `${number}`);
  for (const number of numbers) room.send(number, { files: [text(`a${number}`), text(`b${number}`)] });
  await expect.poll(() => device.chat.outbox.getSnapshot(), { timeout: 40_000 }).toEqual([]);
  expect(await received(id)).toEqual(numbers.map((number) => [number, `a${number}`, `b${number}`]));
  expect(await rowsOf(id)).toHaveLength(16);
});

test("a file that waits for the network survives a reload", async () => {
  const proxy = await network();
  const [storage, fileStorage] = [new MemoryStorage(), new MemoryFiles()];
  const id = await newRoom();
  const before = await another(ann, proxy.url, { storage, fileStorage });
  const room = await openLive(before, id);
  proxy.goOffline();
  const clientId = room.send("kept", { files: [text("kept on the device")] });
  await expect.poll(() => [storage.items.size, fileStorage.bodies.size]).toEqual([1, 1]);
  await before.close();
  proxy.goOnline();
  const after = await another(ann, proxy.url, { storage, fileStorage });
  const reopened = await openLive(after, id);
  await expect.poll(() => states(reopened)).toEqual(["sent"]);
  expect(reopened.getSnapshot().messages[0]!.client_id).toBe(clientId);
  expect(await received(id)).toEqual([["kept", "kept on the device"]]);
  await expect.poll(() => [storage.items.size, fileStorage.bodies.size]).toEqual([0, 0]);
});

test("a file that could not be stored on the device fails by name after a reload, and holds up nothing", async () => {
  const proxy = await network();
  const storage = new MemoryStorage();
  const full: FileStorage = {
    get: () => Promise.reject(new Error("blocked")),
    set: () => Promise.reject(new Error("full")),
    delete: () => Promise.reject(new Error("blocked")),
  };
  const id = await newRoom();
  const before = await another(ann, proxy.url, { storage, fileStorage: full });
  const room = await openLive(before, id);
  proxy.goOffline();
  room.send("lost", { files: [text("lost")] });
  room.send("after");
  await expect.poll(() => JSON.parse([...storage.items.values()][0] ?? "[]")).toHaveLength(2);
  await before.close();
  proxy.goOnline();
  const after = await another(ann, proxy.url, { storage, fileStorage: full });
  await expect.poll(() => after.chat.outbox.getSnapshot()).toMatchObject([{ content: "lost", error: "file_lost" }]);
  expect(await received(id)).toEqual([["after"]]);
  after.chat.outbox.discard(after.chat.outbox.getSnapshot()[0]!.client_id);
});

test("a discarded message stops its upload and leaves nothing on the server; one file can be taken out", async () => {
  const proxy = await network();
  const device = await another(ann, proxy.url);
  const id = await newRoom();
  const room = await openLive(device, id);
  const stop = blockUploads(proxy);
  const clientId = room.send("never", { files: [text("never")] });
  const kept = room.send("two", { files: [text("one"), text("two")] });
  await expect.poll(async () => (await rowsOf(id)).length).toBe(1);
  room.discard(clientId);
  const [first] = room.getSnapshot().messages[0]!.attachments;
  device.chat.outbox.discardFile(kept, first!.id);
  stop();
  await emptyQueue(device);
  expect(await received(id)).toEqual([["two", "two"]]);
  const alone = room.send("", { files: [text("alone")] });
  const last = device.chat.outbox.getSnapshot().at(-1)?.files?.[0];
  device.chat.outbox.discardFile(alone, last!.id);
  expect(device.chat.outbox.getSnapshot()).toEqual([]);
  await expect.poll(async () => (await rowsOf(id)).length).toBe(1);
});

test("what the server refuses fails as a message, and is sent by a retry once it may", async () => {
  const [owner, member] = await Promise.all([newDevice("owner"), newDevice("member")]);
  const { id } = await owner.chat.rooms.createGroup({ name: "Door", memberIds: [member.account.id] });
  await owner.chat.rooms.removeMember(id, member.account.id);
  const clientId = member.chat.outbox.add({ room_id: id, content: "Let me in", files: [text("ticket")] });
  await expect.poll(() => member.chat.outbox.getSnapshot()).toMatchObject([{ error: "room_not_found" }]);
  await owner.chat.rooms.addMembers(id, [member.account.id]);
  member.chat.outbox.retry(clientId);
  await emptyQueue(member);
  expect(await received(id, owner)).toEqual([["Let me in", "ticket"]]);
});

test("a forward has the files too; a caption can be changed and removed, and a deletion takes the files", async () => {
  const [one, other] = [await newRoom(), await newRoom()];
  const [room, theirs] = [await openLive(ann, one), await openLive(bob, one)];
  room.send("Look", { files: [text("forwarded")] });
  await expect.poll(() => theirs.getSnapshot().messages.length).toBe(1);
  const [message] = theirs.getSnapshot().messages;
  theirs.forward(message!.id!, other);
  await emptyQueue(bob);
  await room.edit(message!.id!, "");
  await expect.poll(() => theirs.getSnapshot().messages[0]).toMatchObject({ content: "", attachments: [{}] });
  await room.delete(message!.id!);
  await expect.poll(() => theirs.getSnapshot().messages[0]!.attachments).toEqual([]);
  await expect(theirs.fileUrl(message!.attachments[0]!)).resolves.toEqual(expect.any(String)); // by the other room
  expect(await received(other)).toEqual([["Look", "forwarded"]]);
});

test("URLs are asked for together and kept; a removed member gets none, and a stranger neither", async () => {
  const id = await newRoom();
  const room = await openLive(ann, id);
  room.send("many", { files: Array.from({ length: 10 }, (_, number) => text(`${number}`)) });
  await emptyQueue(ann);
  const theirs = await openLive(bob, id);
  const { fetch: send } = globalThis;
  let requests = 0;
  globalThis.fetch = (input, init) => {
    if (String(input).includes("/object/sign/")) requests++;
    return send(input, init);
  };
  onTestFinished(() => void (globalThis.fetch = send));
  const { attachments } = theirs.getSnapshot().messages[0]!;
  const urls = await Promise.all(attachments.map((each) => theirs.fileUrl(each)));
  expect(await Promise.all(attachments.map((each) => theirs.fileUrl(each)))).toEqual(urls);
  expect([new Set(urls).size, requests]).toEqual([10, 1]);
  const stranger = await newDevice("eve");
  await ann.chat.rooms.removeMember(id, bob.account.id);
  await sleep(50);
  for (const device of [await another(bob), stranger]) {
    const room = device.chat.rooms.open(id);
    await expect(room.fileUrl(attachments[0]!)).rejects.toMatchObject({ code: "attachment_not_found" });
  }
});
