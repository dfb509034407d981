import { describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { uniqueName } from "../../support/users.ts";
import { newMiniChatPerson, threePeople } from "./people.ts";

const idsOf = (people: { id: number }[]) => people.map(({ id }) => id);

describe("GET /api/auth/search/", () => {
  test("finds part of the username or names, in any case", async () => {
    const [first_name, last_name] = [uniqueName("Анна"), uniqueName("Ли")];
    const ann = await newMiniChatPerson("Annabel", { first_name, last_name });
    const bob = await newMiniChatPerson("bob");
    const parts = [
      ann.username.slice(3).toUpperCase(),
      first_name.toUpperCase(),
      last_name,
      `${first_name} ${last_name}`,
    ];
    for (const part of parts) {
      const { status, body } = await bob.api.get(`/api/auth/search/?q=${encodeURIComponent(part)}`);
      expect([status, body]).toEqual([200, {
        users: [{
          id: ann.id,
          username: ann.username,
          first_name,
          last_name,
          full_name: `${first_name} ${last_name}`,
          is_online: false,
          last_seen: null,
          avatar: expect.stringMatching(/^https:/),
        }],
      }]);
    }
  });

  test("has no wildcards, and finds no one without a query", async () => {
    const ann = await newMiniChatPerson("ann_lee");
    for (
      const q of [
        ann.username.replace("_", "%"),
        ann.username.replace("_", "x"),
        "'; drop table chat.profiles; --",
        "",
        "%20",
      ]
    ) {
      expect((await ann.api.get(`/api/auth/search/?q=${q}`)).body).toEqual({ users: [] });
    }
    expect((await ann.api.get("/api/auth/search/")).body).toEqual({ users: [] });
  });

  test("pages after an id, as the Link header says", async () => {
    const ann = await newMiniChatPerson("ann");
    const part = uniqueName("many");
    const many = await Promise.all([1, 2, 3].map(() => newMiniChatPerson(part)));
    const { body, headers } = await ann.api.get(`/api/auth/search/?q=${part}&limit=2`);
    const ids = idsOf(many).toSorted((one, other) => one - other);
    expect(idsOf(body.users)).toEqual(ids.slice(0, 2));
    const next = new URL(/<([^>]+)>/.exec(headers.get("Link")!)![1]!);
    const rest = await ann.api.get(`/api/auth/search/${next.search}`);
    expect(idsOf(rest.body.users)).toEqual(ids.slice(2));
    expect(rest.headers.get("Link")).toBeNull();
  });
});

describe("GET /api/auth/users/", () => {
  test("→ 200 with all users in order of id, in pages", async () => {
    const { ann, bob, eve } = await threePeople();
    const first = Math.min(ann.id, bob.id, eve.id) - 1;
    const pages = await ann.api.pages(`/api/auth/users/?limit=2&after=${first}`);
    expect(pages[0]).toHaveLength(2);
    const ids = pages.flatMap(idsOf);
    expect(ids).toEqual(ids.toSorted((one, other) => one - other));
    expect(ids).toEqual(expect.arrayContaining([ann.id, bob.id, eve.id]));
    const seen = pages.flat().find(({ id }) => id === bob.id);
    expect(Object.keys(seen).sort()).toEqual(
      ["avatar", "first_name", "full_name", "id", "is_online", "last_name", "last_seen", "username"],
    );
  });

  test.each(["limit=0", "limit=x", "after=x", "after=99999999999999999999"])("?%s → 400", async (query) => {
    const ann = await newMiniChatPerson("ann");
    for (const path of ["auth/users", "auth/search", "chat/online-users"]) {
      const { status, body } = await ann.api.get(`/api/${path}/?q=ann&${query}`);
      expect([status, Object.keys(body)]).toEqual([400, [query.split("=")[0]]]);
    }
  });
});

describe("GET /api/chat/online-users/", () => {
  test("→ 200 with the users seen in the last minute who have not logged out", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    const online = async () =>
      (await ann.api.get(`/api/chat/online-users/?after=${Math.min(ann.id, bob.id) - 1}`)).body
        .filter(({ user }: { user: { id: number } }) => [ann.id, bob.id].includes(user.id));
    const entry = (user: unknown) => ({
      user,
      is_online: true,
      last_seen: expect.any(String),
      avatar: expect.stringMatching(/^https:/),
    });
    expect(await online()).toEqual([entry(ann.user)]);
    await bob.api.get("/api/chat/rooms/");
    expect(await online()).toEqual(
      [ann, bob].toSorted((one, other) => one.id - other.id).map(({ user }) => entry(user)),
    );
    await bob.api.post("/api/auth/logout/", { refresh: bob.refresh });
    expect(await online()).toEqual([entry(ann.user)]);
  });

  test("does not list a user last seen over a minute ago", async () => {
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
    await bob.api.get("/api/auth/me/");
    const sql = database();
    await sql`update chat.user_status set last_seen_at = now() - interval '61 seconds'
      where user_id = (select id from chat.profiles where number = ${bob.id})`;
    await sql.end();
    const { body } = await ann.api.get(`/api/chat/online-users/?limit=1&after=${bob.id - 1}`);
    expect(body.map(({ user }: { user: { id: number } }) => user.id)).not.toContain(bob.id);
    const { body: { users: [found] } } = await ann.api.get(`/api/auth/search/?q=${bob.username}`);
    expect(found).toMatchObject({ is_online: false, last_seen: expect.any(String) });
  });

  test("shows the emails that their owners show", async () => {
    const email = `${uniqueName("bob")}@example.com`;
    const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob", { email })]);
    const sql = database();
    await sql`update chat.profiles set show_email = false where number = ${bob.id}`;
    await sql.end();
    expect((await bob.api.get("/api/auth/me/")).body.email).toBe(email);
    const { body } = await ann.api.get(`/api/chat/online-users/?limit=1&after=${bob.id - 1}`);
    expect(body[0].user).toEqual({ ...bob.user, email: "" });
  });
});
