import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { uniqueName } from "../../support/users.ts";
import { Caller } from "../caller.ts";
import { newGroup, newPrivate, send } from "../people.ts";
import { messagesOf, newSocialPerson, openRoom, type SocialPerson, threePeople } from "./people.ts";

const sql = database();
let ann: SocialPerson, bob: SocialPerson, eve: SocialPerson;

beforeEach(async () => {
  ({ ann, bob, eve } = await threePeople());
});
afterAll(() => sql.end());

const roomsOf = async (person: SocialPerson) => (await person.social.get("/messenger/api/chatrooms/")).body;

/** A user with exactly this username, which is not yet taken. */
async function named(username: string): Promise<SocialPerson> {
  const person = await newSocialPerson("named");
  await sql`update chat.profiles set username = ${username} where id in (
    select id from chat.profiles where number = ${person.id})`;
  return { ...person, username };
}

describe("POST /messenger/api/chatrooms/", () => {
  test("→ 201, then 200 with the same room for both, each with the other's name", async () => {
    const first = await ann.social.post("/messenger/api/chatrooms/", { recipient: bob.username });
    const again = await bob.social.post("/messenger/api/chatrooms/", { recipient: ann.username.toUpperCase() });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(first.body).toEqual({
      id: expect.any(Number),
      name: `${ann.username}_${bob.username}`,
      members: [ann.id, bob.id].sort((one, other) => one - other),
      display_name: bob.username,
    });
    expect(again.body).toEqual({ ...first.body, display_name: ann.username });
    expect([await roomsOf(ann), await roomsOf(bob), await roomsOf(eve)]).toEqual([[first.body], [again.body], []]);
  });

  test("by both at the same time → one room", async () => {
    const answers = await Promise.all(
      Array.from(
        { length: 8 },
        (_, turn) =>
          turn % 2
            ? ann.social.post("/messenger/api/chatrooms/", { recipient: bob.username })
            : bob.social.post("/messenger/api/chatrooms/", { recipient: ann.username }),
      ),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201]);
  });

  test.each([
    [() => ({}), 400, { recipient: ["This field is required."] }],
    [() => ({ recipient: 1 }), 400, { recipient: ["Not a valid string."] }],
    [() => ({ recipient: uniqueName("nobody") }), 404, { detail: "Not found.", code: "user_not_found" }],
    [() => ({ recipient: ann.username }), 400, { recipient: ["A direct chat needs one other user."] }],
  ])("case %# → 400 or 404", async (body, status, refusal) => {
    const answer = await ann.social.post("/messenger/api/chatrooms/", body());
    expect([answer.status, answer.body]).toEqual([status, refusal]);
    expect(await roomsOf(ann)).toEqual([]);
  });

  test("→ 401 for a deleted account, even if there was a room", async () => {
    await openRoom(ann, bob);
    await sql`delete from auth.users where id = (select id from chat.profiles where number = ${ann.id})`;
    // Its token stays valid for a while.
    for (const { username } of [bob, eve]) {
      const { status } = await ann.social.post("/messenger/api/chatrooms/", { recipient: username });
      expect(status).toBe(401);
    }
    expect(await roomsOf(eve)).toEqual([]);
  });
});

describe("room names", () => {
  test("are in alphabetical order, whichever of the two asks", async () => {
    const [Zoe, anna] = [await named(uniqueName("Zoe")), await named(uniqueName("анна"))];
    expect((await openRoom(anna, Zoe)).name).toBe(`${Zoe.username}_${anna.username}`);
    expect((await openRoom(anna, ann)).name).toBe(`${ann.username}_${anna.username}`);
    expect((await anna.social.post(messagesOf(await openRoom(Zoe, anna)), { content: "Я тут" })).status).toBe(201);
  });

  test("get a suffix when another pair has the name, even when both are created at once", async () => {
    const tail = crypto.randomUUID().slice(0, 8);
    // Both pairs, a and b_c, a_b and c, would be a_b_c.
    const [a, bc] = [await named(`a${tail}`), await named(`b_c${tail}`)];
    const [ab, c] = [await named(`a${tail}_b`), await named(`c${tail}`)];
    const rooms = await Promise.all([openRoom(a, bc), openRoom(ab, c), openRoom(bc, a), openRoom(c, ab)]);
    const names = [`a${tail}_b_c${tail}`, `a${tail}_b_c${tail}_2`];
    expect([...new Set(rooms.map(({ name }) => name))].sort()).toEqual(names);
    expect(rooms[0].id).toBe(rooms[2].id);

    await a.social.post(messagesOf(rooms[0]), { content: "To b_c" });
    expect((await bc.social.get(messagesOf(rooms[0]))).body).toMatchObject([{ content: "To b_c" }]);
    expect((await c.social.get(messagesOf(rooms[1]))).body).toEqual([]);
    expect((await c.social.get(messagesOf(rooms[0]))).status).toBe(404);
  });

  test("of two users cannot be a group's: a message sent by such a name reaches no one else", async () => {
    const [id, other] = await sql`select id from chat.profiles where number = any (${[ann.id, bob.id]})`;
    const slug = `${ann.username}_${bob.username}`;
    const members = [id!.id, other!.id];
    const claims = Buffer.from(eve.access.split(".")[1]!, "base64url").toString();
    const made = sql.begin(async (sql) => {
      await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
      await sql`select chat.create_group_room('Bob', member_ids => ${members}::uuid[], slug => ${slug})`;
    });
    await expect(made).rejects.toThrow("rooms_group_slug_check");
    expect((await ann.social.post(messagesOf({ name: slug }), { content: "Only for Bob" })).status).toBe(404);
    expect((await openRoom(ann, bob)).name).toBe(slug);
  });

  test("follow a changed username, which is shown", async () => {
    const room = await openRoom(ann, bob);
    const username = uniqueName("robert");
    await sql`update chat.profiles set username = ${username} where number = ${bob.id}`;
    const renamed = { ...room, name: `${ann.username}_${username}`, display_name: username };
    expect(await roomsOf(ann)).toEqual([renamed]);
    expect((await ann.social.post(messagesOf(renamed), { content: "Still here" })).status).toBe(201);
    const again = await ann.social.post("/messenger/api/chatrooms/", { recipient: username });
    expect([again.status, again.body]).toEqual([200, renamed]);
  });
});

test("rooms created elsewhere have names that lead to their messages", async () => {
  const direct = await newPrivate(bob, ann);
  const group = await newGroup(ann, bob, eve);
  await send(bob, direct, "From the messenger");
  await send(eve, group, "To all");
  const rooms = await roomsOf(ann);
  expect(rooms).toMatchObject([
    { id: group, display_name: "A group", name: expect.stringMatching(/./) },
    { id: direct, display_name: bob.username, name: `${ann.username}_${bob.username}` },
  ]);
  expect(rooms[0].members).toEqual([ann.id, bob.id, eve.id].sort((one, other) => one - other));
  expect((await ann.social.get(messagesOf(rooms[0]))).body).toMatchObject([{ user: eve.username, content: "To all" }]);
  expect((await ann.social.get(messagesOf(rooms[1]))).body).toMatchObject([{ content: "From the messenger" }]);
});

test("GET /messenger/api/chatrooms/ → 200 in pages, the most recently active first", async () => {
  const people = [];
  for (const name of ["x", "y", "z"]) people.push(await newSocialPerson(name));
  const rooms = [];
  for (const person of people) rooms.push(await openRoom(ann, person));
  await ann.social.post(messagesOf(rooms[0]), { content: "Up" });
  for (const path of ["/messenger/api/chatrooms/", "/messenger/api/user/chatrooms/"]) {
    const pages = await ann.social.pages(`${path}?limit=2`);
    expect(pages).toEqual([[rooms[0], rooms[2]], [rooms[1]]]);
  }
});

test("a room stays, with its messages, when the other account is deleted", async () => {
  const room = await openRoom(bob, ann);
  await bob.social.post(messagesOf(room), { content: "Farewell" });
  await sql`delete from auth.users where id = (select id from chat.profiles where number = ${bob.id})`;
  const left = { ...room, name: `room-${room.id}`, members: [ann.id], display_name: "" };
  expect(await roomsOf(ann)).toEqual([left]);
  expect((await ann.social.get(messagesOf(left))).body).toMatchObject([{ user: "", content: "Farewell" }]);
  const gone = await new Caller(bob.access, "social").get("/profiles/api/profile/");
  expect([gone.status, gone.body.code]).toEqual([401, "user_not_found"]);
});
