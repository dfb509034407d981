import { describe, expect, test } from "vitest";
import { Caller } from "../caller.ts";
import { newPerson, threePeople } from "../people.ts";

describe("/api/users/", () => {
  test("GET me/ → the caller, who is online", async () => {
    const ann = await newPerson("ann", { first_name: "Ann", last_name: "Lee" });
    const { status, body } = await ann.api.get("/api/users/me/");
    expect(status).toBe(200);
    expect(body).toEqual({
      id: ann.id,
      username: ann.username,
      email: "",
      first_name: "Ann",
      last_name: "Lee",
      is_online: true,
      last_seen: expect.any(String),
      status: { is_online: true, last_seen: body.last_seen },
    });
  });

  test("GET → all users in order of id, with their online status", async () => {
    const { ann, bob } = await threePeople();
    await bob.api.get("/api/users/me/");
    const { body } = await ann.api.get(`/api/users/?limit=1000&after=${Math.min(ann.id, bob.id) - 1}`);
    const ids = body.map((user: { id: number }) => user.id);
    expect(ids).toEqual(ids.toSorted((one: number, other: number) => one - other));
    expect(body.find((user: { id: number }) => user.id === bob.id)).toMatchObject({ is_online: true });
    expect(body.find((user: { id: number }) => user.id === ann.id)).toMatchObject({
      is_online: false,
      last_seen: null,
    });
  });

  test("GET pages after an id, as the Link header says", async () => {
    const { ann, bob, eve } = await threePeople();
    const pages = await ann.api.pages(`/api/users/?limit=2&after=${Math.min(ann.id, bob.id, eve.id) - 1}`);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages[0]).toHaveLength(2);
    const ids = pages.flat().map((user) => user.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("GET ?search= finds part of a username, without wildcards", async () => {
    const ann = await newPerson("Annabel_Lee");
    const find = async (part: string) => (await ann.api.get(`/api/users/?search=${encodeURIComponent(part)}`)).body;
    const part = ann.username.slice(3).toUpperCase();
    expect(await find(part)).toMatchObject([{ id: ann.id }]);
    expect(await find(part.replace("_", "%"))).toEqual([]);
    expect(await find("'; drop table chat.profiles; --")).toEqual([]);
  });

  test.each(["Νίκος", "ΝΙΚΟΣ", "İpek", "Анна", "Straße"])("GET ?search= finds %s literally", async (name) => {
    const { api, id, username } = await newPerson(name);
    expect((await api.get(`/api/users/?search=${encodeURIComponent(username)}`)).body).toMatchObject([{ id }]);
    const found = await new Caller(api.token, "mini-chat").get(`/api/auth/search/?q=${encodeURIComponent(username)}`);
    expect(found.body.users).toMatchObject([{ id }]);
  });

  test.each(["limit=0", "limit=x", "limit=1.5", "after=x", "after=99999999999999999999", "search=%00"])(
    "GET %s → 400 naming the parameter",
    async (query) => {
      const ann = await newPerson("ann");
      const { status, body } = await ann.api.get(`/api/users/?${query}`);
      expect([status, Object.keys(body)]).toEqual([400, [query.split("=")[0]]]);
    },
  );
});
