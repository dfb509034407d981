import { expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { threePeople } from "./people.ts";

test("every API answers writes with the token of a deleted account with 401", async () => {
  const { ann, bob } = await threePeople();
  const sql = database();
  await sql`delete from auth.users where id = (select id from chat.profiles where number = ${ann.id})`;
  await sql.end();
  const writes: [string, string, object][] = [
    ["conversations", "/api/chat/conversations/", { title: "Late" }],
    ["chat-sessions", "/api/v1/chat/sessions/", { title: "Late" }],
    ["social", "/profiles/api/posts/", { title: "Late", content: "Too late" }],
    ["social", "/profiles/api/add-friend/", { username: bob.username }],
  ];
  for (const [api, path, body] of writes) {
    const { status, body: refusal } = await new Caller(ann.access, api).post(path, body);
    expect([path, status, refusal.code]).toEqual([path, 401, "user_not_found"]);
  }
});
