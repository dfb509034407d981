import { expect, test } from "vitest";
import { newDevice, openLive } from "./devices.ts";
import { PIXEL } from "./pixel.ts";

const [ann, bob, cleo] = await Promise.all([newDevice("ann"), newDevice("bob"), newDevice("cleo")]);
const picture = new Blob([PIXEL], { type: "image/png" });
const seen = async (url: string) => (await fetch(url)).status;

test("a picture of a group shows for its members, and another takes its place, whose file is deleted", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds: [bob.account.id], isPublic: true });
  const there = await openLive(bob, id);
  bob.chat.rooms.subscribe(() => {});
  const shown = () => there.getSnapshot().room!.avatar_url;
  expect(shown()).toBe(null);
  await ann.chat.rooms.setPicture(id, picture);
  await expect.poll(shown).toContain(`/avatars/${id}/`);
  const first = shown()!;
  await expect.poll(() => bob.chat.rooms.getSnapshot().rooms).toMatchObject([{ id, avatar_url: first }]);
  expect(await bob.chat.rooms.find("tea")).toMatchObject([{ id, avatar_url: first }]);
  expect(await ann.chat.rooms.shared(bob.account.id)).toMatchObject([{ id, avatar_url: first }]);
  expect(await cleo.chat.rooms.getPublic(id)).toMatchObject({ avatar_url: first });

  await ann.chat.rooms.setRole(id, bob.account.id, "admin");
  await bob.chat.rooms.setPicture(id, picture);
  await expect.poll(shown).not.toBe(first);
  const second = shown()!;
  expect([await seen(first), await seen(second)]).toEqual([400, 200]);
  await ann.chat.rooms.setPicture(id, null);
  await expect.poll(shown).toBe(null);
  expect(await seen(second)).toBe(400);
  there.close();
});

test("a member, a stranger and a guest change no picture of a group", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea", memberIds: [bob.account.id], isPublic: true });
  await ann.chat.rooms.setPicture(id, picture);
  const { avatar_url } = await ann.chat.rooms.get(id);
  await expect(bob.chat.rooms.setPicture(id, picture)).rejects.toMatchObject({ code: "not_allowed" });
  await expect(bob.chat.rooms.setPicture(id, null)).rejects.toMatchObject({ code: "role_required" });
  await expect(cleo.chat.rooms.setPicture(id, picture)).rejects.toMatchObject({ code: "room_not_found" });
  const direct = await ann.chat.rooms.createDirect(bob.account.id);
  await expect(ann.chat.rooms.setPicture(direct.id, picture)).rejects.toMatchObject({ code: "not_allowed" });
  const path = avatar_url!.split("/avatars/")[1]!;
  for (const { supabase } of [bob, cleo]) {
    const bucket = supabase.storage.from("avatars");
    expect((await bucket.remove([path])).data).toEqual([]);
    expect((await bucket.update(path, picture)).error).not.toBe(null);
    expect((await bucket.list(String(id))).data).toEqual([]);
  }
  expect(await seen(avatar_url!)).toBe(200);
  expect(await ann.chat.rooms.get(id)).toMatchObject({ avatar_url });
});

test("a picture that the group is not given is not left in Storage", async () => {
  const { id } = await ann.chat.rooms.createGroup({ name: "Tea" });
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    if (String(input instanceof Request ? input.url : input).endsWith("/rpc/update_room")) {
      return Response.json({ code: "PT403", message: "role_required" }, { status: 403 });
    }
    return await fetch(input, init);
  };
  try {
    await expect(ann.chat.rooms.setPicture(id, picture)).rejects.toMatchObject({ code: "role_required" });
  } finally {
    globalThis.fetch = fetch;
  }
  expect((await ann.supabase.storage.from("avatars").list(String(id))).data).toEqual([]);
});
