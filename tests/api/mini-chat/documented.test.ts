import { expect, test } from "vitest";
import { uniqueName } from "../../support/users.ts";
import { baseOf, Caller } from "../caller.ts";
import { newMiniChatPerson } from "./people.ts";

/** The routes of docs/apis/mini-chat.md that the old backend had. */
const ROUTES = [
  "POST /api/auth/register/",
  "POST /api/auth/login/",
  "POST /api/auth/logout/",
  "POST /api/auth/token/refresh/",
  "GET /api/auth/me/",
  "GET /api/auth/profile/",
  "PUT /api/auth/profile/",
  "POST /api/auth/change-password/",
  "GET /api/auth/search/",
  "GET /api/auth/users/",
  "GET /api/chat/rooms/",
  "POST /api/chat/rooms/",
  "GET /api/chat/rooms/{id}/",
  "PUT /api/chat/rooms/{id}/",
  "DELETE /api/chat/rooms/{id}/",
  "GET /api/chat/rooms/{id}/history/",
  "GET /api/chat/messages/",
  "POST /api/chat/messages/",
  "POST /api/chat/create-direct-chat/",
  "GET /api/chat/online-users/",
  "POST /api/chat/rooms/{id}/join/",
  "POST /api/chat/rooms/{id}/leave/",
];

test("the OpenAPI document has every documented route", async () => {
  const { paths } = await (await fetch(`${baseOf("mini-chat")}/api/schema/`)).json();
  const routes = Object.entries<Record<string, unknown>>(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
  );
  expect(routes).toEqual(expect.arrayContaining(ROUTES));
});

test("a client of the old backend can call every route, with and without the trailing slash", async () => {
  for (const end of ["/", ""]) {
    const bob = await newMiniChatPerson("bob");
    const seen: string[] = [];
    let caller = new Caller(undefined, "mini-chat");
    const call = async (route: string, expected: number, body?: unknown, id?: number, query = "") => {
      const [method, path] = route.split(" ") as [string, string];
      seen.push(route);
      const address = path.replace("{id}", `${id}`).replace(/\/$/, end) + query;
      const { status, body: answer } = await caller.call(method, address, body);
      expect([route, status]).toEqual([route, expected]);
      return answer;
    };

    const username = uniqueName("ann");
    const password = "a long secret";
    await call("POST /api/auth/register/", 201, { username, password });
    const { tokens } = await call("POST /api/auth/login/", 200, { username, password });
    const { access } = await call("POST /api/auth/token/refresh/", 200, { refresh: tokens.refresh });
    caller = new Caller(access, "mini-chat");
    const me = await call("GET /api/auth/me/", 200);
    await call("PUT /api/auth/profile/", 200, { first_name: "Ann" });
    expect(await call("GET /api/auth/profile/", 200)).toMatchObject({ ...me, first_name: "Ann" });
    const { users } = await call("GET /api/auth/search/", 200, undefined, undefined, `?q=${bob.username}`);
    expect(users).toMatchObject([{ id: bob.id }]);
    expect(await call("GET /api/auth/users/", 200)).toBeInstanceOf(Array);

    const { id } = await call("POST /api/chat/rooms/", 201, { name: "Tea", description: "" });
    await call("GET /api/chat/rooms/{id}/", 200, undefined, id);
    await call("PUT /api/chat/rooms/{id}/", 200, { name: "Coffee", description: "Black" }, id);
    const { room } = await call("POST /api/chat/create-direct-chat/", 201, { user_id: bob.id });
    expect((await call("GET /api/chat/rooms/", 200)).map(({ id }: { id: number }) => id)).toEqual([room.id, id]);
    const sent = await call("POST /api/chat/messages/", 201, { room: room.id, content: "Hello" });
    expect(await call("GET /api/chat/messages/", 200, undefined, undefined, `?room=${room.id}`)).toEqual([sent]);
    const { messages } = await call("GET /api/chat/rooms/{id}/history/", 200, undefined, room.id);
    expect(messages).toMatchObject([{ id: sent.id, content: "Hello" }]);
    expect(await call("GET /api/chat/online-users/", 200)).toContainEqual(
      expect.objectContaining({ user: { ...me, first_name: "Ann" } }),
    );
    await call("POST /api/chat/rooms/{id}/leave/", 200, undefined, id);
    await call("POST /api/chat/rooms/{id}/join/", 200, undefined, id);
    await call("DELETE /api/chat/rooms/{id}/", 204, undefined, id);
    const passwords = {
      old_password: password,
      new_password: "another secret",
      new_password_confirm: "another secret",
    };
    await call("POST /api/auth/change-password/", 200, passwords);
    await call("POST /api/auth/logout/", 200, { refresh: tokens.refresh });
    expect(new Set(seen)).toEqual(new Set(ROUTES));
  }
});
