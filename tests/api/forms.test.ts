import { beforeAll, describe, expect, test } from "vitest";
import { uniqueName } from "../support/users.ts";
import { Caller } from "./caller.ts";
import { apis } from "./apis.ts";
import { newGroup, newPerson, type Person } from "./people.ts";

type Pairs = [name: string, value: string][];

/** A form as `curl -d` sends it, and as a browser sends one with files. */
const styles: [name: string, make: (pairs: Pairs) => URLSearchParams | FormData][] = [
  ["a form", (pairs) => new URLSearchParams(pairs)],
  ["multipart", (pairs) => {
    const form = new FormData();
    for (const [name, value] of pairs) form.append(name, value);
    return form;
  }],
];

let ann: Person, bob: Person, eve: Person;
beforeAll(async () => {
  [ann, bob, eve] = await Promise.all([newPerson("ann"), newPerson("bob"), newPerson("eve")]);
});

describe.each(styles)("a form of type %s", (_, make) => {
  test.each(apis)("$api registers, and logs in with a space that a phone has added", async (entry) => {
    const name = uniqueName("form");
    const account = { username: name, email: `${name}@example.com`, password: " with spaces " };
    const [path, fields] = entry.register(account);
    const spaced = Object.entries(fields).map(([field, value]): [string, string] => [
      field,
      /password|first|last/.test(field) ? value : ` ${value} `,
    ]);
    const registered = await new Caller(undefined, entry.api).call("POST", path, make(spaced));
    expect(registered.status).toBe(201);
    const login = (name: string, password: string) =>
      new Caller(undefined, entry.api).call(
        "POST",
        entry.login[0],
        make([[entry.login[1], name], ["password", password]]),
      );
    const { status, body } = await login(`${account.email} `, account.password);
    expect(status).toBe(200);
    expect((await login(account.email, "with spaces")).status).toBe(entry.login[2]);
    const access = body.access ?? body.tokens.access;
    const me = await new Caller(access, entry.api).get(entry.me);
    expect(JSON.stringify(me.body)).toContain(`"${account.email}"`);
  });

  test.each<[string, (ids: number[]) => Pairs]>([
    ["the name repeated", (ids) => ids.map((id) => ["members", `${id}`])],
    ["members[]", (ids) => ids.map((id) => ["members[]", `${id}`])],
    ["members[0], members[1]", (ids) => ids.map((id, at) => [`members[${at}]`, `${id}`])],
    ["JSON", (ids) => [["members", JSON.stringify(ids)]]],
  ])("a list is %s", async (_, members) => {
    const ids = [bob.id, eve.id];
    const { status, body } = await ann.api.call(
      "POST",
      "/api/chats/",
      make([["type", "group"], ["name", " Tea "], ...members(ids)]),
    );
    expect([status, body.name]).toEqual([201, "Tea"]);
    expect(body.members.map(({ id }: { id: number }) => id).toSorted()).toEqual([ann.id, ...ids].toSorted());
  });

  test("a list may be empty, and an invalid item is named", async () => {
    const alone = await ann.api.call(
      "POST",
      "/api/chats/",
      make([["type", "group"], ["name", "Alone"], ["members", ""]]),
    );
    expect([alone.status, alone.body.members_count]).toEqual([201, 1]);
    const form = make([["type", "group"], ["name", "Tea"], ["members", "x"]]);
    const { status, body } = await ann.api.call("POST", "/api/chats/", form);
    expect([status, body]).toEqual([400, { members: ["A valid integer is required."] }]);
  });

  test("the last value of a repeated name counts, and numbers are parsed", async () => {
    const chat = await newGroup(ann);
    const form = make([["chat", "0"], ["chat", ` ${chat} `], ["text", "first"], [
      "text",
      "  a\tтекст & more = 1 + 1  ",
    ]]);
    const { status, body } = await ann.api.call("POST", "/api/messages/", form);
    expect([status, body.chat, body.text]).toEqual([201, chat, "  a\tтекст & more = 1 + 1  "]);
  });

  test("an empty value of an optional field counts as absent", async () => {
    const chat = await newGroup(ann);
    const form = make([["chat", `${chat}`], ["text", "x"], ["forwarded_from", ""], ["client_id", ""]]);
    const { status, body } = await ann.api.call("POST", "/api/messages/", form);
    expect([status, body.forwarded_from, body.client_id]).toEqual([201, null, null]);
    const blank = await ann.api.call("POST", "/api/messages/", make([["chat", ""], ["text", ""]]));
    expect([blank.status, blank.body]).toEqual([400, {
      chat: ["A valid integer is required."],
      text: ["This field is required."],
    }]);
  });

  test("JSON in a field, yes and no are parsed", async () => {
    const conversations = new Caller(ann.access, "conversations");
    const made = await conversations.call("POST", "/api/chat/conversations/", make([["title", " Tea "]]));
    expect([made.status, made.body.title]).toEqual([201, "Tea"]);
    const path = `/api/chat/conversations/${made.body.id}/`;
    const message = (metadata: string) =>
      conversations.call(
        "POST",
        `${path}messages/`,
        make([["role", "user"], ["content", "x"], ["metadata", metadata], ["reply_to", ""]]),
      );
    expect((await message('{"model": {"name": "x"}}')).body).toMatchObject({ metadata: { model: { name: "x" } } });
    expect((await message("")).body.metadata).toEqual({});
    expect((await message("{")).body).toEqual({ metadata: ["Value must be valid JSON."] });
    expect((await message("[1]")).status).toBe(400);
    for (const [word, archived] of [["on", true], ["0", false], ["True", true], ["no", false], ["1", true]] as const) {
      const { status, body } = await conversations.call("PATCH", path, make([["archived", word]]));
      expect([word, status, body.archived]).toEqual([word, 200, archived]);
    }
    expect((await conversations.call("PATCH", path, make([["title", "Renamed"]]))).body).toMatchObject({
      title: "Renamed",
      archived: true,
    });
    const refused = await conversations.call("PATCH", path, make([["archived", "perhaps"]]));
    expect([refused.status, refused.body]).toEqual([400, { archived: ["Must be a valid boolean."] }]);
  });

  test("a body of more than 1 MiB → 413", async () => {
    const form = make([["chat", "1"], ["text", "x".repeat(1024 * 1024)]]);
    const { status, body } = await ann.api.call("POST", "/api/messages/", form);
    expect([status, body]).toEqual([413, { detail: "Request body is larger than 1 MiB." }]);
  });

  test("posts, friends, rooms and sessions accept it, too", async () => {
    const social = new Caller(ann.access, "social");
    const post = await social.call("POST", "/profiles/api/posts/", make([["title", " T "], ["content", "C"]]));
    expect([post.status, post.body.title]).toEqual([201, "T"]);
    const friend = make([["username", ` ${bob.username} `]]);
    expect((await social.call("POST", "/profiles/api/add-friend/", friend)).status).toBe(200);
    const miniChat = new Caller(ann.access, "mini-chat");
    const direct = await miniChat.call("POST", "/api/chat/create-direct-chat/", make([["user_id", `${bob.id}`]]));
    expect([200, 201]).toContain(direct.status);
    const sessions = new Caller(ann.access, "chat-sessions");
    const session = await sessions.call("POST", "/api/v1/chat/sessions/", make([["title", "S"]]));
    expect([session.status, session.body.title]).toEqual([201, "S"]);
  });
});

test.each([
  ["social", "/profiles/api/profile/", "bio"],
  ["mini-chat", "/api/auth/profile/", "last_name"],
])("%s → 400 to a file in %s, naming the field", async (api, path, field) => {
  const form = new FormData();
  form.append("first_name", "Ann");
  form.append(field, new Blob(["x"], { type: "image/png" }), "me.png");
  const { status, body } = await new Caller(ann.access, api).call("PATCH", path, form);
  expect([status, body]).toEqual([400, { [field]: ["This field takes no file."] }]);
});

test.each<[string, string, string | undefined, unknown]>([
  ["without a boundary", "multipart/form-data", "x", {
    detail: "Multipart form parse error - Invalid boundary in multipart: None",
  }],
  ["with another boundary", "multipart/form-data; boundary=y", "--x\r\n\r\nx\r\n--x--", undefined],
  [
    "cut off",
    "multipart/form-data; boundary=x",
    '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhel',
    undefined,
  ],
  ["that is none", "multipart/form-data; boundary=x", '{"chat": 1}', undefined],
])("multipart %s → 400", async (_, type, text, refusal) => {
  const { status, body } = await ann.api.call("POST", "/api/messages/", text, { "Content-Type": type });
  expect([status, body]).toEqual([
    400,
    refusal ?? { detail: expect.stringMatching(/^Multipart form parse error - ./) },
  ]);
});

test("a form may have another encoding than UTF-8", async () => {
  const chat = await newGroup(ann);
  const send = async (charset: string, text: string) => {
    const type = `application/x-www-form-urlencoded; charset=${charset}`;
    return (await ann.api.call("POST", "/api/messages/", `chat=${chat}&text=${text}`, { "Content-Type": type })).body;
  };
  expect((await send("utf-8", "caf%C3%A9+1")).text).toBe("café 1");
  expect((await send("iso-8859-1", "caf%E9+1")).text).toBe("café 1");
  expect((await send("windows-1251", "%EF%F0%E8%E2%E5%F2")).text).toBe("привет");
  expect((await send("no-such-thing", "x%3Dy%26z")).text).toBe("x=y&z");
  expect(await send("utf-8", "a%00b")).toEqual({ text: ["Null characters are not allowed."] });
});

test("a form with very many fields is refused", async () => {
  const form = new URLSearchParams(Array.from({ length: 3000 }, () => ["members", "1"]));
  const { status, body } = await ann.api.call("POST", "/api/chats/", form);
  expect([status, body]).toEqual([400, { detail: "A form has at most 2000 fields." }]);
});

test.each(apis)("the OpenAPI document of $api names the three content types", async ({ api }) => {
  const { body } = await new Caller(undefined, api).get("/api/schema/");
  const operations = Object.values<Record<string, { requestBody?: { content: object } }>>(body.paths)
    .flatMap((path) => Object.values(path));
  const kinds = operations.filter(({ requestBody }) => requestBody).map(({ requestBody }) =>
    Object.keys(requestBody!.content)
  );
  expect(kinds.length).toBeGreaterThan(3);
  expect(kinds).toEqual(
    kinds.map(() => ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]),
  );
});
