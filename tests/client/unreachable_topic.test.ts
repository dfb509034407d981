import { expect, test } from "vitest";
import WebSocket from "ws";
import { appClient } from "../support/clients.ts";
import { newDevice, newDeviceOf } from "./devices.ts";

/** A connection on which no user's own topic can be joined: the server never sees the join. */
class Line extends WebSocket {
  override send(data: string, ...rest: unknown[]): void {
    const [, , topic, event] = JSON.parse(data);
    if (topic.startsWith("realtime:user:") && event === "phx_join") return;
    super.send(data, ...rest as []);
  }
}

test("a new room reaches an inbox whose own topic cannot be joined, after the join has failed", async () => {
  const supabase = appClient({ realtime: { transport: Line as never, timeout: 500 } });
  const [ann, bob] = await Promise.all([newDevice("ann"), newDeviceOf(supabase, "bob")]);
  bob.chat.rooms.subscribe(() => {});
  await expect.poll(() => bob.chat.rooms.getSnapshot().status).toBe("ready");
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds: [bob.account.id] });
  await expect.poll(() => bob.chat.rooms.getSnapshot().rooms.map(({ id }) => id), { timeout: 10_000 }).toEqual([id]);
});
