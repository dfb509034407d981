import { afterAll, describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { uniqueName } from "../../support/users.ts";
import { messagesOf, newSocialPerson, openRoom, type SocialPerson, threePeople } from "./people.ts";

const sql = database();
afterAll(() => sql.end());

async function rename(person: SocialPerson, username: string): Promise<void> {
  await sql`update chat.profiles set username = ${username} where number = ${person.id}`;
  person.username = username;
}

const deleteAccount = (person: SocialPerson) =>
  sql`delete from auth.users where id = (select id from chat.profiles where number = ${person.id})`;

const roomsOf = async ({ social }: SocialPerson) => (await social.get("/messenger/api/chatrooms/")).body;
const textsIn = async ({ social }: SocialPerson, name: string) =>
  (await social.get(messagesOf({ name }))).body.map(({ content }: { content: string }) => content);

/** Ann and Bob chat; then Ann changes her username, and a new user takes it. */
async function afterARename() {
  const { ann, bob, eve } = await threePeople();
  const { name } = await openRoom(ann, bob);
  const given = ann.username;
  await ann.social.post(messagesOf({ name }), { content: "From Ann" });
  await rename(ann, uniqueName("zoe"));
  await rename(eve, given);
  return { ann, bob, newcomer: eve, name, given };
}

describe("a room name made of two usernames", () => {
  test("finds no room after one of the two changes username", async () => {
    const { ann, bob, newcomer, name } = await afterARename();
    for (const { social } of [ann, bob, newcomer]) {
      for (
        const answer of [
          await social.get(messagesOf({ name })),
          await social.post(messagesOf({ name }), { content: "Hi" }),
        ]
      ) {
        expect([answer.status, answer.body]).toEqual([404, { detail: "Not found.", code: "room_not_found" }]);
      }
    }
    const [[anns], [bobs]] = await Promise.all([roomsOf(ann), roomsOf(bob)]);
    expect(anns.name).toBe(bobs.name);
    expect(bobs).toMatchObject({ members: [ann.id, bob.id].sort((one, other) => one - other) });
    expect(bobs.display_name).toMatch(/^zoe-/);
    expect(bobs.name).toBe([bobs.display_name, bob.username].sort().join("_"));
    expect(await textsIn(bob, bobs.name)).toEqual(["From Ann"]);
    expect(await roomsOf(newcomer)).toEqual([]);
  });

  test("never means another room to a user who knew it as the first", async () => {
    const { ann, bob, newcomer, name, given } = await afterARename();
    const made = await bob.social.post("/messenger/api/chatrooms/", { recipient: given });
    expect([made.status, made.body]).toMatchObject([201, { display_name: given, name: `${name}_2` }]);
    expect(made.body.members).toContain(newcomer.id);
    expect((await bob.social.post(messagesOf({ name }), { content: "For the old Ann" })).status).toBe(404);
    expect((await bob.social.post(messagesOf(made.body), { content: "For the new Ann" })).status).toBe(201);
    expect(await textsIn(newcomer, made.body.name)).toEqual(["For the new Ann"]);
    expect(await textsIn(ann, (await roomsOf(ann))[0].name)).toEqual(["From Ann"]);
  });

  test("finds the room again when the username returns", async () => {
    const { ann, bob, newcomer, name, given } = await afterARename();
    await rename(newcomer, uniqueName("eve"));
    await rename(ann, given);
    expect(await textsIn(bob, name)).toEqual(["From Ann"]);
  });

  test("finds no room after one account is deleted, even when the username is taken again", async () => {
    const { ann, bob, eve } = await threePeople();
    const { name } = await openRoom(ann, bob);
    await deleteAccount(ann);
    expect((await bob.social.get(messagesOf({ name }))).status).toBe(404);
    const [left] = await roomsOf(bob);
    expect(left).toMatchObject({ members: [bob.id], display_name: "" });
    expect((await bob.social.get(messagesOf(left))).status).toBe(200);
    await rename(eve, ann.username);
    expect((await bob.social.post(messagesOf({ name }), { content: "For Ann" })).status).toBe(404);
    expect((await openRoom(eve, bob)).name).toBe(`${name}_2`);
  });

  test("stays reserved when the room is deleted", async () => {
    const { ann, bob, eve } = await threePeople();
    const { id, name } = await openRoom(ann, bob);
    const given = ann.username;
    await bob.api.delete(`/api/chats/${id}/`);
    await rename(ann, uniqueName("zoe"));
    await rename(eve, given);
    expect((await openRoom(bob, eve)).name).toBe(`${name}_2`);
    await rename(eve, uniqueName("eve"));
    await rename(ann, given);
    expect((await openRoom(ann, bob)).name).toBe(name);
  });

  test("belongs to one pair when an underscore could be part of either username", async () => {
    const [a, b, c] = [uniqueName("a"), uniqueName("b"), uniqueName("c")];
    const people = await Promise.all([`${a}_${b}`, c, a, `${b}_${c}`].map((name) => newSocialPerson(name)));
    for (const [index, name] of [`${a}_${b}`, c, a, `${b}_${c}`].entries()) await rename(people[index]!, name);
    const [first, second, third, fourth] = await Promise.all(
      people.map(async ({ social, ...person }) => ({
        ...person,
        social,
        username: (await social.get("/profiles/api/profile/")).body.username,
      })),
    );
    const one = await openRoom(first!, second!);
    const other = await openRoom(third!, fourth!);
    expect([one.name, other.name]).toEqual([`${a}_${b}_${c}`, `${a}_${b}_${c}_2`]);
    await first!.social.post(messagesOf(one), { content: "Between two" });
    expect((await third!.social.get(messagesOf(one))).status).toBe(404);
    expect((await third!.social.get(messagesOf(other))).body).toEqual([]);
  });

  test("belongs to one of many pairs that are renamed and create rooms at once", async () => {
    const { ann, bob, eve } = await threePeople();
    await openRoom(ann, eve);
    const username = uniqueName("zoe");
    const [made] = await Promise.all([
      bob.social.post("/messenger/api/chatrooms/", { recipient: ann.username }),
      rename(ann, username),
      bob.social.post("/messenger/api/chatrooms/", { recipient: ann.username }),
      openRoom(eve, bob),
    ]);
    expect([201, 200, 404]).toContain(made.status);
    for (const room of await roomsOf(ann)) {
      const other = [bob, eve].find(({ id }) => room.members.includes(id))!;
      expect(room.name).toBe([username, other.username].sort().join("_"));
    }
  });
});

test("search-user, add-friend and recipient take current usernames, and show whose they are", async () => {
  const { bob, newcomer, given } = await afterARename();
  const found = await bob.social.get(`/profiles/api/search-user/?username=${given}`);
  expect(found.body.id).toBe(newcomer.id);
  await bob.social.post("/profiles/api/add-friend/", { username: given });
  expect((await bob.social.get("/profiles/api/profile/")).body.profile.friends).toEqual([newcomer.id]);
  expect((await bob.social.get(`/profiles/api/search-user/?username=${uniqueName("ann")}`)).status).toBe(404);
});
