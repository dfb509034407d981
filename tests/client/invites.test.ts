import { expect, test } from "vitest";
import { newDevice } from "./devices.ts";

const [ann, bob] = await Promise.all([newDevice("ann"), newDevice("bob")]);

test("a link is made, shown to a stranger, used once, listed and revoked", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "By link" });
  bob.chat.rooms.subscribe(() => {});
  const link = await ann.chat.invites.createLink(id, { maxUses: 5, expiresAt: new Date(Date.now() + 60_000) });
  expect(await bob.chat.invites.preview(link.token)).toEqual({ name: "By link", avatar_url: null, member_count: 1 });
  expect(await bob.chat.invites.links(id)).toEqual([]);
  for (let time = 0; time < 2; time++) {
    expect(await bob.chat.invites.join(link.token)).toMatchObject({ id, title: "By link" });
  }
  await expect.poll(() => bob.chat.rooms.getSnapshot().rooms.map(({ id }) => id)).toContain(id);
  await ann.chat.invites.createLink(id);
  const [latest, first] = await ann.chat.invites.links(id);
  expect(first).toMatchObject({ id: link.id, uses: 1, max_uses: 5, revoked_at: null });
  expect(first).not.toHaveProperty("token");
  expect(await ann.chat.invites.links(id, { before: latest!.id, limit: 1 })).toEqual([first]);

  await ann.chat.invites.revokeLink(link.id);
  await expect(ann.chat.invites.preview(link.token)).rejects.toMatchObject({ code: "invite_not_found", status: 404 });
  await expect(bob.chat.invites.createLink(id)).rejects.toMatchObject({ code: "role_required" });
  await expect(ann.chat.invites.createLink(id, { maxUses: 0 })).rejects.toMatchObject({ code: "invalid_value" });
});

test("a person who lets nobody add them is invited, notified, and accepts", async () => {
  await bob.chat.profiles.update({ added_by: "nobody" });
  const heard: unknown[] = [];
  const stop = bob.chat.invites.onChanged((change) => heard.push(change));
  await expect.poll(() => bob.supabase.getChannels().map(({ state }) => state)).toContain("joined");
  const { id } = await ann.chat.rooms.createGroup({ name: "Asked", memberIds: [bob.account.id] });
  await expect.poll(() => heard).toEqual([{ room_id: id, invited: true }]);
  const by = { invited_by: ann.account.id, invited_by_username: ann.account.username };
  expect(await bob.chat.invites.list()).toMatchObject([{ room_id: id, name: "Asked", member_count: 1, ...by }]);
  expect(await ann.chat.invites.people(id)).toMatchObject([{ user_id: bob.account.id }]);
  await bob.chat.invites.ignore(id);
  expect(await bob.chat.invites.list()).toEqual([]);
  expect(await bob.chat.invites.accept(id)).toMatchObject({ id, title: "Asked" });
  expect(heard).toEqual([{ room_id: id, invited: true }, { room_id: id, invited: false }]);
  const other = await ann.chat.rooms.createGroup({ name: "Not", memberIds: [bob.account.id] });
  await ann.chat.invites.withdraw(other.id, bob.account.id);
  await expect(bob.chat.invites.accept(other.id)).rejects.toMatchObject({ code: "invite_not_found" });
  await bob.chat.invites.decline(other.id);
  stop();
});

test("a stranger asks to join a public group, whose owner is notified and lets them in", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Asking", isPublic: true });
  await ann.chat.rooms.update(id, { joining: "request" });
  expect(await ann.chat.rooms.get(id)).toMatchObject({ joining: "request" });
  const heard: unknown[] = [];
  const stop = ann.chat.joinRequests.onChanged((change) => heard.push(change));
  await expect.poll(() => ann.supabase.getChannels().map(({ state }) => state)).toContain("joined");
  await expect(bob.chat.rooms.join(id)).rejects.toMatchObject({ code: "request_required", status: 403 });
  const request = await bob.chat.joinRequests.make(id, "Please");
  expect(await bob.chat.joinRequests.make(id)).toEqual(request);
  const change = { room_id: id, user_id: bob.account.id };
  await expect.poll(() => heard).toEqual([{ ...change, asking: true }]);
  await ann.chat.joinRequests.decline(id, bob.account.id);
  await expect(ann.chat.joinRequests.accept(id, bob.account.id)).rejects.toMatchObject({ code: "request_not_found" });
  await bob.chat.joinRequests.make(id);
  await bob.chat.joinRequests.withdraw(id);
  await bob.chat.joinRequests.make(id, "Again");
  expect(await ann.chat.joinRequests.list(id)).toMatchObject([{ user_id: bob.account.id, note: "Again" }]);
  await ann.chat.joinRequests.accept(id, bob.account.id);
  expect(await bob.chat.rooms.get(id)).toMatchObject({ role: "member" });
  expect(await ann.chat.joinRequests.list(id)).toEqual([]);
  stop();
});
