import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { fine, Proxy } from "../support/proxy.ts";
import { anotherOf, newDevice, openLive, say, supabaseAt, texts } from "./devices.ts";

/** The events that a browser sends to a page. */
const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const addEventListener = page.addEventListener.bind(page);
const removeEventListener = page.removeEventListener.bind(page);
Object.assign(globalThis, { document: page, addEventListener, removeEventListener });

const { api_url } = inject("status");
const ann = await newDevice("ann");

async function newRoom() {
  const { id } = await ann.chat.rooms.createGroup({ name: "Sleep" });
  return await openLive(ann, id);
}

test("a page that becomes visible again catches up at once", async () => {
  const proxy = await Proxy.start(api_url);
  const here = await newRoom();
  const there = await openLive(await anotherOf(supabaseAt(proxy.url), ann), here.id);
  await proxy.quiet();
  proxy.weather = { ...fine, deaf: true };
  await say(here, "While you slept");
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  await sleep(300);
  expect(texts(there)).toEqual([]);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await expect.poll(() => texts(there)).toEqual(["While you slept"]);
});

test("a device that is online again reconnects at once, and sends pending messages", async () => {
  const proxy = await Proxy.start(api_url);
  const here = await newRoom();
  // On its own it would retry after a minute.
  const patient = supabaseAt(proxy.url, { realtime: { reconnectAfterMs: () => 60_000 } });
  const there = await openLive(await anotherOf(patient, ann, { retryMs: 60_000 }), here.id);
  proxy.goOffline();
  await expect.poll(() => there.getSnapshot().status).toBe("connecting");
  there.send("Waiting");
  await say(here, "Missed");
  proxy.goOnline();
  await sleep(300);
  expect(there.getSnapshot().status).toBe("connecting");
  page.dispatchEvent(new Event("online"));
  await expect.poll(() => there.getSnapshot().status).toBe("live");
  await expect.poll(() => texts(there)).toEqual(["Missed", "Waiting"]);
  await expect.poll(() => texts(here)).toEqual(["Missed", "Waiting"]);
  await say(here, "Live again");
  await expect.poll(() => texts(there)).toEqual(["Missed", "Waiting", "Live again"]);
});

test("the heartbeat stops while the page is hidden", async () => {
  const seen = async () => (await ann.chat.status.of([ann.account.id]))[0]?.last_seen_at;
  page.visibilityState = "hidden";
  const stop = ann.chat.status.start();
  await sleep(300);
  expect(await seen()).toBeUndefined();
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await expect.poll(seen).toBeDefined();
  stop();
});
