import { afterAll, expect, inject, test } from "vitest";
import { client, dataOf } from "../support/clients.ts";
import { until } from "../support/until.ts";
import { closeDevices, newDevice, openLive, say } from "./devices.ts";

const service = client({ key: inject("status").secret_key });
afterAll(closeDevices);

test("a suspension is known until when and why, and when it is over everything catches up", async () => {
  const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob", undefined, { pollMs: 200 })]);
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds: [bob.account.id] });
  const [anns, bobs] = [await openLive(ann, id), await openLive(bob, id)];
  const user_id = bob.account.id;
  const ends = new Date(Date.now() + 3_600_000);
  await dataOf(service.from("suspensions").insert({ user_id, until: ends.toISOString(), reason: "Spam" }).select());
  const { suspension } = bob.chat;
  const known = await until(() => suspension.getSnapshot(), (found) => found !== undefined);
  expect(known).toEqual({ until: ends, reason: "Spam" });
  await expect(bob.chat.rooms.list()).rejects.toMatchObject({ code: "suspended", status: 403, ...known });
  await say(anns, "Not for Bob now");
  expect(bobs.getSnapshot().messages.map(({ content }) => content)).not.toContain("Not for Bob now");
  await dataOf(service.from("suspensions").delete().eq("user_id", user_id).select());
  await until(suspension.getSnapshot, (found) => found === undefined);
  await until(
    () => bobs.getSnapshot().messages.map(({ content }) => content),
    (texts) => texts.includes("Not for Bob now"),
  );
  await until(() => bobs.getSnapshot().status, (status) => status === "live");
});

test("a session that has ended elsewhere signs the user out", async () => {
  const ann = await newDevice("ann", undefined, { pollMs: 200 });
  const events: string[] = [];
  ann.supabase.auth.onAuthStateChange((event) => void events.push(event));
  const { data: { session } } = await ann.supabase.auth.getSession();
  await service.auth.admin.signOut(session!.access_token, "global");
  await expect(ann.chat.rooms.list()).rejects.toMatchObject({ code: "not_signed_in" });
  await until(() => events, (events) => events.includes("SIGNED_OUT"));
});
