import { beforeAll, describe, expect, test } from "vitest";
import { uniqueName } from "../../support/users.ts";
import { baseOf, Caller } from "../caller.ts";
import { newSocialPerson, type SocialPerson } from "./people.ts";

const DEFAULT_IMAGE = "/media/user_images/default.jpg";
let ann: SocialPerson, bob: SocialPerson;

beforeAll(async () => {
  [ann, bob] = await Promise.all([newSocialPerson("ann"), newSocialPerson("bob")]);
});

const profileOf = async (person: SocialPerson) => (await person.social.get("/profiles/api/profile/")).body;

test.each(["put", "patch"] as const)(
  "%s → 200, changing only the given fields of the caller's profile",
  async (method) => {
    const carl = await newSocialPerson("carl", { first_name: "Carl" });
    const image = "https://example.com/carl.jpg";
    const { status, body } = await carl.social[method]("/profiles/api/profile/", { image, bio: "Био", last_name: "C" });
    expect([status, body]).toMatchObject([200, { first_name: "Carl", last_name: "C", profile: { image, bio: "Био" } }]);
    expect(await profileOf(carl)).toEqual(body);
    expect((await ann.social.get(`/profiles/api/search-user/?username=${carl.username}`)).body).toEqual(body);

    await carl.social[method]("/profiles/api/profile/", { bio: "" });
    expect((await profileOf(carl)).profile).toMatchObject({ image, bio: "" });
  },
);

test.each([null, DEFAULT_IMAGE])("image %s is the default picture", async (image) => {
  await ann.social.patch("/profiles/api/profile/", { image: "/somewhere.png" });
  const { body } = await ann.social.patch("/profiles/api/profile/", { image });
  expect(body.profile.image).toBe(DEFAULT_IMAGE);
});

test.each([
  [{ image: "javascript:alert(1)" }, "image"],
  [{ image: 1 }, "image"],
  [{ bio: "x".repeat(2001) }, "bio"],
  [{ bio: null }, "bio"],
  [{ first_name: "x".repeat(151) }, "first_name"],
])("PATCH %j → 400, changing nothing", async (body, field) => {
  const before = await profileOf(bob);
  const answer = await bob.social.patch("/profiles/api/profile/", { last_name: "New", ...body });
  expect([answer.status, Object.keys(answer.body)]).toEqual([400, [field]]);
  expect(await profileOf(bob)).toEqual(before);
});

test("the default picture is a JPEG", async () => {
  const response = await fetch(`${baseOf("social")}${DEFAULT_IMAGE}`);
  expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "image/jpeg"]);
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect([...bytes.slice(0, 3), ...bytes.slice(-2)]).toEqual([0xff, 0xd8, 0xff, 0xff, 0xd9]);
});

describe("GET /profiles/api/search-user/", () => {
  test("→ 200 to a whole username in any case, 404 to a part", async () => {
    const found = await ann.social.get(`/profiles/api/search-user/?username=${bob.username.toUpperCase()}`);
    expect(found.body.id).toBe(bob.id);
    for (const name of [bob.username.slice(0, -1), `${bob.username.slice(0, -1)}%`, uniqueName("nobody"), ""]) {
      const { status, body } = await ann.social.get(`/profiles/api/search-user/?username=${encodeURIComponent(name)}`);
      expect([status, body]).toEqual([404, { detail: "Not found.", code: "user_not_found" }]);
    }
  });

  test("→ 400 without a username", async () => {
    const { status, body } = await ann.social.get("/profiles/api/search-user/");
    expect([status, body]).toEqual([400, { username: ["This field is required."] }]);
  });
});

test("everything except registration and login → 401 without a token", async () => {
  const { paths } = await (await fetch(`${baseOf("social")}/api/schema/`)).json();
  const open = ["post /accounts/api/users/", "post /accounts/api/token/", "post /accounts/api/token/refresh/"];
  const routes = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`)
  );
  const answers = await Promise.all(routes.map(async (route) => {
    const [method, path] = route.split(" ");
    const { status, headers } = await new Caller(undefined, "social").call(method!.toUpperCase(), path!);
    return [route, status, headers.get("WWW-Authenticate")];
  }));
  expect(answers).toEqual(routes.map((route) => open.includes(route) ? [route, 400, null] : [route, 401, "Bearer"]));
});
