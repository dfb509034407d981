import { beforeEach, expect, test } from "vitest";
import { uniqueName } from "../../support/users.ts";
import { type SocialPerson, threePeople } from "./people.ts";

let ann: SocialPerson, bob: SocialPerson, eve: SocialPerson;

beforeEach(async () => {
  ({ ann, bob, eve } = await threePeople());
});

const add = (person: SocialPerson, username: string) => person.social.post("/profiles/api/add-friend/", { username });
const remove = (person: SocialPerson, username: string) =>
  person.social.post("/profiles/api/remove-friend/", { username });
const friendsOf = async (person: SocialPerson) =>
  (await person.social.get("/profiles/api/profile/")).body.profile.friends;

test("friends are ids, in order, and one-directional", async () => {
  await add(ann, eve.username);
  await add(ann, bob.username);
  const ids = [bob.id, eve.id].sort((one, other) => one - other);
  expect(await friendsOf(ann)).toEqual(ids);
  expect(await friendsOf(bob)).toEqual([]);
  const { body } = await eve.social.get(`/profiles/api/search-user/?username=${ann.username}`);
  expect(body.profile.friends).toEqual(ids);
});

test("adding or removing a friend again changes nothing", async () => {
  for (let times = 0; times < 2; times++) {
    const { status, body } = await add(ann, bob.username.toUpperCase());
    expect([status, body]).toEqual([200, { message: `${bob.username} добавлен в друзья.` }]);
    expect(await friendsOf(ann)).toEqual([bob.id]);
  }
  for (let times = 0; times < 2; times++) {
    const { status, body } = await remove(ann, bob.username);
    expect([status, body]).toEqual([200, { message: `${bob.username} удален из друзей.` }]);
    expect(await friendsOf(ann)).toEqual([]);
  }
});

test("adding a friend many times at once adds one", async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => add(ann, bob.username)));
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(await friendsOf(ann)).toEqual([bob.id]);
});

test("a user can only remove friends of their own", async () => {
  await add(ann, bob.username);
  await remove(eve, bob.username);
  await remove(bob, ann.username);
  expect(await friendsOf(ann)).toEqual([bob.id]);
});

test("add-friend, remove-friend → 400 to the caller or a bad username, 404 to an unknown one", async () => {
  expect(await add(ann, ann.username)).toMatchObject({ status: 400, body: { username: [expect.any(String)] } });
  for (const call of [add, remove]) {
    const refusal = { status: 404, body: { detail: "Not found.", code: "user_not_found" } };
    expect(await call(ann, uniqueName("nobody"))).toMatchObject(refusal);
    expect(await call(ann, "")).toMatchObject(refusal);
    expect(await call(ann, 1 as never)).toMatchObject({ status: 400, body: { username: ["Not a valid string."] } });
  }
  expect(await friendsOf(ann)).toEqual([]);
});
