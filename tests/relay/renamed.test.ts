import { afterAll, expect, test } from "vitest";
import { newSocialPerson, openRoom, type SocialPerson } from "../api/social/people.ts";
import { database } from "../support/clients.ts";
import { uniqueName } from "../support/users.ts";
import { open, openChat } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

const rename = ({ id }: SocialPerson, username: string) =>
  sql`update chat.profiles set username = ${username} where number = ${id}`;
const openNamed = ({ access }: SocialPerson, name: string, query = "") =>
  open(`/social/messenger/ws/ws/chat/${encodeURIComponent(name)}/?token=${access}${query}`);

async function annAndBob() {
  const [ann, bob, eve] = await Promise.all([newSocialPerson("ann"), newSocialPerson("bob"), newSocialPerson("eve")]);
  return { ann, bob, eve, room: await openRoom(ann, bob) };
}

test("a socket opened by a room name closes when the name changes, and the room is found under the new one", async () => {
  const { ann, bob, eve, room } = await annAndBob();
  const [anns, bobs, byId] = await Promise.all([
    openNamed(ann, room.name),
    openNamed(bob, room.name),
    openChat(bob, room.id),
  ]);
  await rename(ann, uniqueName("zoe"));
  await rename(eve, ann.username);
  for (const socket of [anns, bobs]) {
    expect(await socket.closed).toEqual({
      code: 4403,
      reason: "The room has another name now: find it in the list of rooms.",
    });
  }
  for (const person of [ann, bob, eve]) expect((await (await openNamed(person, room.name)).closed).code).toBe(4403);

  const [{ name }] = (await bob.social.get("/messenger/api/chatrooms/")).body;
  const again = await openNamed(bob, name, "&since=0");
  again.send({ message: "For the Ann of before" });
  expect((await byId.next({ type: "message" })).text).toBe("For the Ann of before");
  expect(again.isClosed).toBe(false);
});

test("a socket opened by a name that now is another pair's never reaches them", async () => {
  const { ann, bob, eve, room } = await annAndBob();
  await rename(ann, uniqueName("zoe"));
  await rename(eve, ann.username);
  const made = (await eve.social.post("/messenger/api/chatrooms/", { recipient: bob.username })).body;
  const eves = await openNamed(eve, made.name);
  const stale = await openNamed(bob, room.name);
  expect((await stale.closed).code).toBe(4403);
  const bobs = await openNamed(bob, made.name);
  bobs.send({ message: "For the new Ann" });
  expect((await eves.next({ content: "For the new Ann" })).user).toBe(bob.username);
});

test("the sockets of a deleted account, and of the other member, close with the name", async () => {
  const { ann, bob, room } = await annAndBob();
  const [anns, bobs] = await Promise.all([openNamed(ann, room.name), openNamed(bob, room.name)]);
  await sql`delete from auth.users where id = (select id from chat.profiles where number = ${ann.id})`;
  // Hers has lost both the room and the account: the relay may learn of either first.
  expect([4401, 4403]).toContain((await anns.closed).code);
  expect((await bobs.closed).code).toBe(4403);
});
