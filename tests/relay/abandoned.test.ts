import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import WebSocket from "ws";
import { newGroup, send, threePeople } from "../api/people.ts";
import { Proxy } from "../support/proxy.ts";
import { openChat } from "./socket.ts";
import { startWorker } from "./worker.ts";

let proxy: Proxy;
let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  proxy = await Proxy.start(inject("status").api_url);
  worker = await startWorker({ SUPABASE_URL: proxy.url, RELAY_LINGER_SECONDS: "4" });
});
afterAll(async () => {
  await worker.stop();
  await proxy.close();
});

test("a socket that never opens leaves nothing behind, and the room goes on", async () => {
  const { ann } = await threePeople();
  const [abandoned, chat] = await Promise.all([newGroup(ann), newGroup(ann)]);
  const [left, joined] = [new Set<string>(), new Set<string>()];
  const test = (frame: string) => {
    const [, room] = /room:(\d+):/.exec(frame) ?? [];
    if (room && frame.includes("phx_join")) joined.add(room);
    if (room && frame.includes("phx_leave")) left.add(room);
    return room === String(abandoned) && frame.includes(":live");
  };
  const frames = proxy.hold({ test }, "frames");
  const web = new WebSocket(`${worker.url.replace("http", "ws")}/messenger/ws/chat/${abandoned}/?token=${ann.access}`);
  let isOpen = false;
  web.on("error", () => {}).on("open", () => isOpen = true);
  const socket = await openChat(ann, chat, "", worker.url);
  await expect.poll(() => joined).toEqual(new Set([String(abandoned), String(chat)]));
  await sleep(200);
  web.terminate();
  await expect.poll(() => left, { timeout: 20_000, interval: 200 }).toEqual(new Set([String(abandoned)]));
  expect(isOpen).toBe(false);
  frames.release();
  await send(ann, chat, "Still here");
  await socket.next({ text: "Still here" });
  const again = await openChat(ann, abandoned, "", worker.url);
  await send(ann, abandoned, "Again");
  await again.next({ text: "Again" });
});
