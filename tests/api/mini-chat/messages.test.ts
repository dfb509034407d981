import { beforeAll, describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { type MiniChatPerson, newDirect, newGroup, newMiniChatPerson, send, threePeople } from "./people.ts";

let ann: MiniChatPerson, bob: MiniChatPerson, eve: MiniChatPerson, room: number;

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  room = await newDirect(ann, bob);
});

const post = (person: MiniChatPerson, body: unknown, headers?: Record<string, string>) =>
  person.api.post("/api/chat/messages/", body, headers);

describe("POST /api/chat/messages/", () => {
  test("→ 201 with the message as the list shows it", async () => {
    const { status, body } = await post(ann, { room, content: "Привет, Bob! 👋" });
    expect([status, body]).toEqual([201, {
      id: expect.any(Number),
      room,
      user: ann.user,
      user_username: ann.username,
      content: "Привет, Bob! 👋",
      timestamp: expect.any(String),
      is_read: false,
      seq: 1,
      client_id: null,
      is_edited: false,
      is_deleted: false,
      attachments: [],
    }]);
    for (const { api } of [ann, bob]) expect((await api.get(`/api/chat/messages/?room=${room}`)).body).toEqual([body]);
  });

  test("→ 201 with the room id as digits; unknown fields are ignored", async () => {
    const { status, body } = await post(ann, { room: `${room}`, content: "Hi", user: bob.user, is_read: true });
    expect([status, body.user, body.is_read]).toEqual([201, ann.user, false]);
  });

  test("→ 200 with the first message for the same client_id or Idempotency-Key", async () => {
    const client_id = crypto.randomUUID();
    const first = await post(ann, { room, content: "Once", client_id });
    expect([first.status, first.body.client_id]).toEqual([201, client_id]);
    await bob.api.get(`/api/chat/rooms/${room}/history/`);
    const again = await post(ann, { room, content: "Once", client_id });
    expect([again.status, again.body]).toEqual([200, { ...first.body, is_read: true }]);
    const other = await post(ann, { room, content: "Twice", client_id });
    expect([other.status, other.body.code]).toEqual([409, "client_id_reused"]);
    const keyed = await post(ann, { room, content: "By key" }, { "Idempotency-Key": "my key" });
    const repeated = await post(ann, { room, content: "By key" }, { "Idempotency-Key": "my key" });
    expect([keyed.status, repeated.status, repeated.body.id]).toEqual([201, 200, keyed.body.id]);
    const elsewhere = await post(ann, { room: await newGroup(ann), content: "Elsewhere", client_id });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([409, "client_id_reused"]);
  });

  test("→ 403 to a public group that the caller has not joined", async () => {
    const { status, body } = await post(eve, { room: await newGroup(ann), content: "Hello" });
    expect([status, body.code]).toEqual([403, "not_a_member"]);
  });

  test.each([
    [{ content: "x" }, { room: ["This field is required."] }],
    [{ room: null, content: "x" }, { room: ["This field may not be null."] }],
    [{ room: "x", content: "x" }, { room: ["A valid integer is required."] }],
    [{ room: 1 }, { content: ["This field is required."] }],
    [{ room: 1, content: null }, { content: ["This field may not be null."] }],
    [{ room: 1, content: 5 }, { content: ["Not a valid string."] }],
    [{ room: 1, content: "a\0b" }, { content: ["Null characters are not allowed."] }],
    [{ room: 1, content: "x", client_id: "abc" }, { client_id: ["Must be a valid UUID."] }],
    [[], { non_field_errors: ["Invalid data. Expected a dictionary."] }],
  ])("→ 400 to %j", async (body, errors) => {
    const { status, body: refusal } = await post(ann, body);
    expect([status, refusal]).toEqual([400, errors]);
  });

  test.each([["empty", ""], ["blank", " \n\t"], ["too long", "x".repeat(10_001)]])(
    "→ 400 to a text that is %s",
    async (_, content) => {
      const { status, body } = await post(ann, { room, content });
      expect([status, Object.keys(body)]).toEqual([400, ["content"]]);
    },
  );
});

describe.each([
  ["the list", (room: number) => `/api/chat/messages/?room=${room}`],
  ["the history", (room: number) => `/api/chat/rooms/${room}/history/?`],
])("%s of 1,200 messages", (_, path) => {
  let large: number, ids: number[];

  beforeAll(async () => {
    large = await newGroup(ann, bob);
    const sql = database();
    const rows = await sql.begin(async (sql) => {
      const claims = Buffer.from(ann.access.split(".")[1]!, "base64url").toString();
      await sql`select set_config('request.jwt.claims', ${claims}, true)`;
      return await sql`
        select (chat.send_message(${large}, 'Message ' || number)).id from generate_series(1, 1200) as number`;
    });
    ids = rows.map(({ id }) => Number(id));
    await sql.end();
  });

  const page = async (query: string) => {
    const { body, headers } = await bob.api.get(`${path(large)}&${query}`);
    const link = /[?&](before|after)=(\d+)[^>]*>; rel="next"/.exec(headers.get("Link") ?? "");
    return {
      ids: (body.messages ?? body).map(({ id }: { id: number }) => id),
      next: link && `${link[1]}=${link[2]}`,
    };
  };

  test("→ the newest page, oldest first, and back by the Link header", async () => {
    expect(await page("")).toEqual({ ids: ids.slice(-1000), next: `before=${ids.at(-1000)}` });
    expect(await page(`before=${ids.at(-1000)}`)).toEqual({ ids: ids.slice(0, 200), next: null });
    expect((await page("limit=100000")).ids).toHaveLength(1000);
  });

  test("pages just before and just after a message", async () => {
    expect(await page(`limit=3&before=${ids[600]}`)).toEqual({ ids: ids.slice(597, 600), next: `before=${ids[597]}` });
    expect(await page(`limit=3&after=${ids[600]}`)).toEqual({ ids: ids.slice(601, 604), next: `after=${ids[603]}` });
    expect((await page(`before=${ids[0]}`)).ids).toEqual([]);
    expect((await page(`after=${ids.at(-1)}`)).ids).toEqual([]);
  });

  test.each(["limit=0", "limit=many", "before=x", "after=1e99"])("?%s → 400", async (query) => {
    const { status, body } = await bob.api.get(`${path(large)}&${query}`);
    expect([status, Object.keys(body)]).toEqual([400, [query.split("=")[0]]]);
  });
});

test("GET /api/chat/messages/ → 400 to a bad room id", async () => {
  for (const query of ["?room=", "?room=abc", "?room=1&room=2"]) {
    const { status, body } = await ann.api.get(`/api/chat/messages/${query}`);
    expect([status, Object.keys(body)]).toEqual([400, ["room"]]);
  }
});

describe("a message", () => {
  test("edited or deleted in the messenger shows the change", async () => {
    const group = await newGroup(ann, bob);
    const [edited, deleted] = await send(ann, group, "Frist", "Oops");
    await ann.messenger.put(`/api/messages/${edited.id}/`, { text: "First" });
    await ann.messenger.delete(`/api/messages/${deleted.id}/`);
    expect((await bob.api.get(`/api/chat/messages/?room=${group}`)).body).toEqual([
      { ...edited, content: "First", is_edited: true },
      { ...deleted, content: "", is_deleted: true },
    ]);
  });

  test("can be read and sent in the messenger as well", async () => {
    const group = await newGroup(ann, bob);
    const [here] = await send(ann, group, "From here");
    const { body: there } = await bob.messenger.post("/api/messages/", { chat: group, text: "From there" });
    const ids = ({ body }: { body: { id: number }[] }) => body.map(({ id }) => id);
    expect(ids(await bob.messenger.get(`/api/messages/?chat=${group}`))).toEqual([here.id, there.id]);
    expect(ids(await ann.api.get(`/api/chat/messages/?room=${group}`))).toEqual([here.id, there.id]);
  });

  test("stays without its sender when the account is deleted", async () => {
    const carol = await newMiniChatPerson("carol");
    const group = await newGroup(ann, carol);
    const [message] = await send(carol, group, "Farewell");
    const sql = database();
    await sql`delete from auth.users where id = (select id from chat.profiles where number = ${carol.id})`;
    await sql.end();
    const { body } = await ann.api.get(`/api/chat/messages/?room=${group}`);
    expect(body).toEqual([{ ...message, user: null, user_username: "" }]);
  });
});
