import { expect, test } from "vitest";
import { Connection } from "../../client/sdk/src/connection/connection.ts";
import { UnlistedMembers } from "../../client/sdk/src/room/unlisted_members.ts";
import { newDevice } from "./devices.ts";

test("members beyond those listed are looked up by their ids; strangers have no name", async () => {
  const [ann, bob, eve] = await Promise.all([newDevice("ann"), newDevice("bob"), newDevice("eve")]);
  const { id } = await ann.chat.rooms.createGroup({ name: "Large", memberIds: [bob.account.id] });
  const connection = new Connection(ann.supabase, { storage: null });
  let found = 0;
  const unlisted = new UnlistedMembers(connection, id, () => found++);
  expect(unlisted.nameOf(bob.account.id)).toBeUndefined();
  expect(unlisted.nameOf(eve.account.id)).toBeUndefined();
  await expect.poll(() => unlisted.nameOf(bob.account.id)).toBe(bob.account.username);
  expect(found).toBe(1);
  expect(unlisted.nameOf(eve.account.id)).toBeUndefined();
  const username = `robert-${crypto.randomUUID().slice(0, 8)}`;
  await bob.chat.profiles.update({ username });
  unlisted.forget(bob.account.id);
  await expect.poll(() => unlisted.nameOf(bob.account.id)).toBe(username);
  connection.close();
});
