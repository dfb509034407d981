import { beforeAll, expect, test } from "vitest";
import { newSocialPerson, type SocialPerson } from "./people.ts";

let ann: SocialPerson, bob: SocialPerson;
// deno-lint-ignore no-explicit-any
let posts: any[];

beforeAll(async () => {
  [ann, bob] = await Promise.all([newSocialPerson("ann"), newSocialPerson("bob")]);
  posts = [];
  for (const title of ["One", "Two", "Three", "Four", "Five"]) {
    posts.push((await ann.social.post("/profiles/api/posts/", { title, content: title })).body);
  }
});

const titles = (posts: { title: string }[]) => posts.map(({ title }) => title);

test("everyone can read posts, with their authors", async () => {
  const { body } = await bob.social.get("/profiles/api/posts/");
  expect(body).toEqual(expect.arrayContaining(posts));
  expect(posts[0]).toMatchObject({ title: "One", author: ann.username });
  const listed = body.map(({ id }: { id: number }) => id);
  expect(listed).toEqual([...listed].sort((one, other) => one - other));
  expect((await bob.social.get(`/profiles/api/search-user/?username=${ann.username}`)).body.posts).toEqual(posts);
});

test("GET ?author= → the posts of one author, in pages", async () => {
  const path = `/profiles/api/posts/?author=${ann.username}&limit=2`;
  const back = await bob.social.pages(path);
  expect(back.map(titles)).toEqual([["Four", "Five"], ["Two", "Three"], ["One"]]);
  const forth = await bob.social.pages(`${path}&after=${posts[0].id}`);
  expect(forth.map(titles)).toEqual([["Two", "Three"], ["Four", "Five"], []]);
  expect((await bob.social.get(`/profiles/api/posts/?author=${bob.username}`)).body).toEqual([]);
});

test.each([
  [{}, { title: ["This field is required."], content: ["This field is required."] }],
  [{ title: "", content: "x" }, { title: [expect.any(String)] }],
  [{ title: "x".repeat(256), content: "x" }, { title: [expect.any(String)] }],
  [{ title: "x", content: "x".repeat(10_001) }, { content: [expect.any(String)] }],
  [{ title: 1, content: null }, { title: ["Not a valid string."], content: ["This field may not be null."] }],
])("POST case %# → 400", async (post, refusal) => {
  const { status, body } = await bob.social.post("/profiles/api/posts/", post);
  expect([status, body]).toEqual([400, refusal]);
  expect((await bob.social.get("/profiles/api/profile/")).body.posts).toEqual([]);
});

test("POST → 201 with a title of 255 Cyrillic letters", async () => {
  const title = "я".repeat(255);
  expect(await bob.social.post("/profiles/api/posts/", { title, content: "Текст" })).toMatchObject({
    status: 201,
    body: { title },
  });
});
