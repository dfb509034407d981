import { expect, test } from "vitest";
import { Caller } from "./caller.ts";
import { newGroup, newPerson } from "./people.ts";
import { refusal } from "../support/refusals.ts";

test.each([
  ["messenger", "/api/chats/"],
  ["mini-chat", "/api/chat/rooms/"],
  ["social", "/messenger/api/chatrooms/"],
  ["social", "/messenger/api/user/chatrooms/"],
])("%s%s does not end at a room that is deleted between two pages", async (api, path) => {
  const [ann, bob] = await Promise.all([newPerson("ann"), newPerson("bob")]);
  const rooms = [await newGroup(bob, ann), await newGroup(bob, ann), await newGroup(bob, ann)];
  const caller = new Caller(ann.access, api);
  const after = async (room: number) => {
    const { status, body } = await caller.get(`${path}?limit=1&before=${room}`);
    return [status, status === 200 ? body.map(({ id }: { id: number }) => id) : body];
  };

  expect(await after(rooms[1]!)).toEqual([200, [rooms[0]]]);
  expect(await after(rooms[0]!)).toEqual([200, []]);
  await bob.api.delete(`/api/chats/${rooms[1]}/`);
  expect(await after(rooms[1]!)).toEqual([404, refusal(api, { detail: "Not found.", code: "room_not_found" })]);
});
