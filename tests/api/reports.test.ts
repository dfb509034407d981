import { beforeAll, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { Caller } from "./caller.ts";
import { newGroup, newPerson, newPrivate, type Person, send } from "./people.ts";

let ann: Person, bob: Person, mod: Person;
let chat: number, message: number;

beforeAll(async () => {
  [ann, bob, mod] = await Promise.all([newPerson("ann"), newPerson("bob"), newPerson("mod")]);
  chat = await newGroup(ann, bob);
  message = (await send(bob, chat, "Buy this"))[0].id;
  const sql = database();
  await sql`
    update auth.users set raw_app_meta_data = raw_app_meta_data || '{"parley_role": "moderator"}'
    where id = (select id from chat.profiles where number = ${mod.id})`;
  await sql.end();
  const { username, password } = mod;
  mod.api = new Caller((await new Caller().post("/api/auth/login/", { username, password })).body.access);
});

test("POST /api/reports/ → 201 a report, which a moderator finds in the queue and answers once", async () => {
  const made = await ann.api.post("/api/reports/", { reason: "spam", message, note: "Again" });
  const ofBob = { id: bob.id, username: bob.username };
  const report = {
    kind: "message",
    message,
    user: ofBob,
    chat,
    reason: "spam",
    note: "Again",
    state: "open",
    resolved_at: null,
  };
  expect([made.status, made.body]).toMatchObject([201, report]);
  const again = await ann.api.post("/api/reports/", { reason: "hate", message });
  expect([again.status, again.body.id, again.body.reason, again.body.note]).toEqual([201, made.body.id, "hate", ""]);
  const others = [{ user_id: bob.id }, { chat }];
  for (const about of others) {
    expect((await ann.api.post("/api/reports/", { reason: "other", ...about })).status).toBe(201);
  }

  const page = await ann.api.get("/api/reports/?limit=2");
  expect(page.body).toMatchObject([{ kind: "chat", user: null, chat }, { kind: "user", user: ofBob, chat: null }]);
  expect(page.headers.get("link")).toContain(`before=${page.body[1].id}`);
  expect((await ann.api.get(`/api/reports/?limit=2&before=${page.body[1].id}`)).body).toEqual([again.body]);
  expect(again.body).not.toHaveProperty("snapshot");

  const queue = await mod.api.get(`/api/reports/queue/?limit=1&before=${page.body[1].id}`);
  expect([queue.status, queue.body]).toMatchObject([200, [{
    ...report,
    ...{ reason: "hate", note: "", reporter: { id: ann.id, username: ann.username }, action: null, resolved_by: null },
    snapshot: { message: { id: message, content: "Buy this" } },
  }]]);
  expect(queue.headers.get("link")).toContain(`before=${made.body.id}`);
  const resolve = (body: object) => mod.api.post(`/api/reports/${made.body.id}/resolve/`, body);
  expect((await resolve({ action: "delete", until: "2001-01-01T00:00:00Z", note: "x".repeat(501) })).body)
    .toHaveProperty("note");
  expect((await resolve({ action: "mute", until: "2001-01-01T00:00:00Z" })).body).toHaveProperty("until");
  const answer = await resolve({ action: "delete", note: "No advertising" });
  expect([answer.status, answer.body]).toMatchObject([200, {
    ...{ id: made.body.id, state: "resolved", action: "delete", resolution_note: "No advertising" },
    resolved_by: { id: mod.id, username: mod.username },
  }]);
  const late = await resolve({ action: "dismiss" });
  expect([late.status, late.body.code]).toEqual([409, "report_resolved"]);
  expect((await bob.api.get(`/api/messages/${message}/`)).body.is_deleted).toBe(true);
  const resolved = await mod.api.get(`/api/reports/queue/?state=resolved&limit=1000&before=${made.body.id + 1}`);
  expect(resolved.body[0]).toMatchObject({ id: made.body.id, state: "resolved" });
});

test("/api/reports/ → 400, 403 and 404 to who reports nothing, sees it not, or does not moderate", async () => {
  const hidden = (await send(ann, await newPrivate(ann, bob), "Between us"))[0].id;
  const refusals = [
    await ann.api.post("/api/reports/", { reason: "spam" }),
    await ann.api.post("/api/reports/", { reason: "word_rule", chat }),
    await ann.api.post("/api/reports/", { reason: "spam", user_id: 0 }),
    await mod.api.post("/api/reports/", { reason: "spam", message: hidden }),
    await ann.api.get("/api/reports/queue/"),
    await ann.api.post("/api/reports/1/resolve/", { action: "dismiss" }),
    await mod.api.post("/api/reports/999999999999/resolve/", { action: "dismiss" }),
    await new Caller().get("/api/reports/"),
  ];
  expect(refusals.map(({ status, body }) => `${status} ${body.code ?? Object.keys(body)}`)).toEqual([
    "400 non_field_errors",
    "400 reason",
    "400 user_id",
    "404 message_not_found",
    "403 moderator_required",
    "403 moderator_required",
    "404 report_not_found",
    "401 detail",
  ]);
  expect((await bob.api.get("/api/reports/")).body).toEqual([]);
});

test("/api/mutes/ → 201, 200 and 204 to a moderator, the own mute to a person, 403 to all who do not moderate", async () => {
  const until = "2126-01-01T00:00:00Z";
  const mute = { user: { id: bob.id, username: bob.username }, until, reason: "Rude" };
  const made = await mod.api.post("/api/mutes/", { user_id: bob.id, until, reason: "Rude" });
  expect([made.status, made.body]).toMatchObject([201, mute]);
  await mod.api.post("/api/mutes/", { user_id: ann.id });
  const page = await mod.api.get(`/api/mutes/?limit=1&after=${Math.min(ann.id, bob.id) - 1}`);
  expect(page.body.map(({ user }: typeof mute) => user.id)).toEqual([Math.min(ann.id, bob.id)]);
  expect(page.headers.get("link")).toContain(`after=${Math.min(ann.id, bob.id)}`);
  expect((await bob.api.get("/api/mutes/")).body).toEqual([made.body]);
  const refused = await bob.api.post("/api/messages/", { chat, text: "But" });
  expect([refused.status, refused.body.code]).toEqual([403, "muted"]);

  expect((await ann.api.post("/api/mutes/", { user_id: bob.id })).body.code).toBe("moderator_required");
  expect((await bob.api.delete(`/api/mutes/${bob.id}/`)).body.code).toBe("moderator_required");
  expect((await mod.api.post("/api/mutes/", { user_id: 0 })).body).toHaveProperty("user_id");
  expect((await mod.api.post("/api/mutes/", { user_id: bob.id, until: "2001-01-01T00:00:00Z" })).body).toHaveProperty(
    "until",
  );
  for (const { id } of [bob, bob, ann]) expect((await mod.api.delete(`/api/mutes/${id}/`)).status).toBe(204);
  expect((await bob.api.get("/api/mutes/")).body).toEqual([]);
});
