import { beforeAll, describe, expect, test } from "vitest";
import { newGroup, send } from "../people.ts";
import { messagesOf, openRoom, type SocialPerson, threePeople } from "./people.ts";

let ann: SocialPerson, bob: SocialPerson, eve: SocialPerson;
let room: { id: number; name: string };
let path: string;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  room = await openRoom(ann, bob);
  path = messagesOf(room);
});

const contents = (messages: { content: string }[]) => messages.map(({ content }) => content);

test("both users read all messages, oldest first, in pages", async () => {
  const [one, other] = [await openRoom(ann, eve), await openRoom(eve, ann)].map(messagesOf);
  for (const [turn, content] of ["1", "2", "3", "4", "5"].entries()) {
    await (turn % 2 ? eve : ann).social.post(one!, { content });
  }
  const { body } = await eve.social.get(other!);
  expect(contents(body)).toEqual(["1", "2", "3", "4", "5"]);
  expect(body.map(({ user, seq }: { user: string; seq: number }) => [user, seq])).toEqual(
    [ann, eve, ann, eve, ann].map(({ username }, turn) => [username, turn + 1]),
  );
  expect((await ann.social.pages(`${one}?limit=2`)).map(contents)).toEqual([["4", "5"], ["2", "3"], ["1"]]);
  const after = await ann.social.pages(`${one}?limit=2&after=${body[0].id}`);
  expect(after.map(contents)).toEqual([["2", "3"], ["4", "5"], []]);
  expect(contents((await ann.social.get(`${one}?before=${body[2].id}`)).body)).toEqual(["1", "2"]);
});

test("a repeated send creates one message", async () => {
  const client_id = crypto.randomUUID();
  const first = await ann.social.post(path, { content: "Once", client_id });
  const again = await ann.social.post(path, { content: "Once", client_id });
  expect([first.status, again.status, again.body]).toEqual([201, 200, first.body]);
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const keyed = [await ann.social.post(path, { content: "Key" }, headers)];
  keyed.push(await ann.social.post(path, { content: "Key" }, headers));
  expect(keyed.map(({ status }) => status)).toEqual([201, 200]);
  expect(keyed[0]!.body).toEqual(keyed[1]!.body);
  const elsewhere = await ann.social.post(messagesOf(await openRoom(ann, eve)), { content: "Once", client_id });
  expect([elsewhere.status, elsewhere.body.code]).toEqual([409, "client_id_reused"]);
});

test("deleted messages are left out, edited ones show their new text", async () => {
  const own = await newGroup(ann, bob);
  const rooms = (await ann.social.get("/messenger/api/chatrooms/")).body;
  const path = messagesOf(rooms.find(({ id }: { id: number }) => id === own));
  const [one, two] = await send(ann, own, "One", "Two", "Three");
  await ann.api.delete(`/api/messages/${one.id}/`);
  await ann.api.put(`/api/messages/${two.id}/`, { text: "Second" });
  expect(contents((await bob.social.get(path)).body)).toEqual(["Second", "Three"]);
});

describe("refusals:", () => {
  test.each([
    [{}, ["This field is required."]],
    [{ content: "" }, [expect.any(String)]],
    [{ content: " \n" }, [expect.any(String)]],
    [{ content: "x".repeat(10_001) }, [expect.any(String)]],
    [{ content: null }, ["This field may not be null."]],
  ])("content, case %# → 400", async (body, refusal) => {
    const before = (await ann.social.get(path)).body;
    const answer = await ann.social.post(path, body);
    expect([answer.status, answer.body]).toEqual([400, { content: refusal }]);
    expect((await ann.social.get(path)).body).toEqual(before);
  });

  test("a room of others → 404, like an unknown room", async () => {
    await ann.social.post(path, { content: "A secret" });
    const nowhere = messagesOf({ name: "nobody_nowhere" });
    const answers = [
      await eve.social.get(path),
      await eve.social.post(path, { content: "Let me in" }),
      await eve.social.get(nowhere),
      await eve.social.post(nowhere, { content: "Let me in" }),
    ];
    const refusal = [404, { detail: "Not found.", code: "room_not_found" }];
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(4).fill(refusal));
    expect(contents((await bob.social.get(path)).body)).not.toContain("Let me in");
  });

  test.each(["%00", "%ff", "..%2f..", "%F0%9F%92%A5", "x".repeat(4000), "a%20b"])(
    "GET /messenger/api/chatrooms/%s/messages/ → 404",
    async (name) => {
      expect((await ann.social.get(`/messenger/api/chatrooms/${name}/messages/`)).status).toBe(404);
    },
  );

  test("a cursor that is not a number → 400; that of another room finds nothing", async () => {
    expect((await ann.social.get(`${path}?before=x`)).body).toEqual({ before: ["A valid integer is required."] });
    const [foreign] = await send(eve, await newGroup(eve), "Elsewhere");
    expect((await ann.social.get(`${path}?before=${foreign.id}`)).body).toEqual([]);
  });
});
