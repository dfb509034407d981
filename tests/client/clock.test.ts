import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@supabase/supabase-js";
import { SignJWT } from "jose";
import { afterEach, expect, inject, test, vi } from "vitest";
import WebSocket from "ws";
import { withDeviceClock } from "../../client/sdk/src/index.ts";
import { deviceOf, newDevice, newDeviceOf, openLive, say, texts } from "./devices.ts";
import { MemoryStorage } from "./memory_storage.ts";

const status = inject("status");
const HOUR_MS = 3_600_000;
const RENEWALS = /\/token\?grant_type=refresh_token/;

afterEach(() => void vi.useRealTimers());

/** How many ms the device's clock is wrong; timers run as usual. */
function setClock(wrongByMs: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + wrongByMs, shouldAdvanceTime: true });
}

/** A client of supabase-js, and the paths that it has requested. */
function counted(fetch: typeof globalThis.fetch = globalThis.fetch, storage?: MemoryStorage) {
  const paths: string[] = [];
  const counting: typeof fetch = (input, init) => {
    paths.push((input instanceof Request ? input.url : String(input)).slice(status.api_url.length));
    return fetch(input, init);
  };
  const supabase = createClient(status.api_url, status.publishable_key, {
    auth: { persistSession: storage !== undefined, autoRefreshToken: true, ...(storage && { storage }) },
    global: { fetch: counting },
    realtime: { transport: WebSocket as never },
  });
  const count = (path: RegExp) => paths.filter((each) => path.test(each)).length;
  return { supabase, count };
}

/** Opens what a page has open, and leaves it alone for five seconds. */
async function idle(supabase: ReturnType<typeof counted>["supabase"]) {
  const device = await newDeviceOf(supabase, "ann", { pollMs: 60_000 });
  device.chat.rooms.subscribe(() => {});
  const stop = device.chat.status.start();
  const { id } = await device.chat.rooms.createGroup({ name: "Early" });
  await openLive(device, id);
  await sleep(5_000);
  stop();
}

test("with a device clock an hour fast, nothing is read again for each new token", async () => {
  setClock(HOUR_MS);
  const { supabase, count } = counted();
  await idle(supabase);
  expect(count(/\/rpc\/touch_status/)).toBeLessThanOrEqual(2);
  expect(count(/\/rpc\/room_list/)).toBeLessThanOrEqual(8);
  expect(count(/\/rpc\/sync/)).toBeLessThanOrEqual(4);
  // supabase-js itself requests one with each call.
  expect(count(RENEWALS)).toBeLessThanOrEqual(count(/\/rest\//) + 8);
});

test.each([HOUR_MS, -HOUR_MS, 24 * HOUR_MS])(
  "with sessions by the device's clock, %i ms off, no token is renewed",
  async (ms) => {
    setClock(ms);
    const { supabase, count } = counted(withDeviceClock());
    await idle(supabase);
    expect(count(RENEWALS)).toBe(0);
  },
);

test("with a device clock an hour slow, an expired token is renewed, and pending messages are sent", async () => {
  const bob = await newDevice("bob");
  const { id } = await bob.chat.rooms.createGroup({ name: "Late" });
  const { data } = await bob.supabase.auth.getSession();
  const secret = new TextEncoder().encode(status.jwt_secret);
  const claims = { sub: bob.account.id, role: "authenticated", aud: "authenticated" };
  const expired = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) - 60).sign(secret);
  const storage = new MemoryStorage();
  const session = { ...data.session!, access_token: expired, expires_at: Math.floor(Date.now() / 1000) - 60 };
  storage.setItem(`sb-${new URL(status.api_url).hostname.split(".")[0]}-auth-token`, JSON.stringify(session));
  setClock(-HOUR_MS);
  const { supabase, count } = counted(undefined, storage);
  const device = deviceOf(bob.account, supabase);
  device.chat.outbox.add({ room_id: id, content: "Late, but here" });
  const there = await openLive(bob, id);
  await expect.poll(() => texts(there)).toEqual(["Late, but here"]);
  await say(await openLive(device, id), "And live");
  expect(count(RENEWALS)).toBeLessThanOrEqual(2);
});
