import { beforeAll, describe, expect, test } from "vitest";
import { client } from "../support/clients.ts";
import { uniqueName } from "../support/users.ts";
import { Caller } from "./caller.ts";
import { type Api, apis, type Credentials } from "./apis.ts";
import { newPrivate, type Person, threePeople } from "./people.ts";

function newAccount(name: string): Credentials {
  const username = uniqueName(name);
  return { username, email: `${username}@example.com`, password: crypto.randomUUID() };
}

/** Logs in to an API, and returns the id that it shows. */
async function enter({ api, login: [path, field], me }: Api, name: string, password: string): Promise<number> {
  const { status, body } = await new Caller(undefined, api).post(path, { [field]: name, password });
  expect([api, status]).toEqual([api, 200]);
  const shown = (await new Caller(body.access, api).get(me)).body;
  return shown.pk ?? shown.id;
}

test.each(apis)(
  "a user registered with $api logs in to every API, as the same user",
  async ({ api, register }) => {
    const account = newAccount("ann");
    const { username, email, password } = account;
    const { status } = await new Caller(undefined, api).post(...register(account));
    expect(status).toBe(201);

    const supabase = client();
    const { data, error } = await supabase.auth.signInWithPassword({ email, password });
    expect(error).toBeNull();
    const { data: profile } = await supabase.from("profiles").select("number, username").eq("id", data.user!.id)
      .single();
    expect(profile?.username).toBe(username);

    const ids = await Promise.all(
      apis.flatMap((entry) => [enter(entry, username, password), enter(entry, email, password)]),
    );
    expect(new Set(ids)).toEqual(new Set([profile!.number]));
  },
);

test("a user who signs up with supabase-js logs in to every API", async () => {
  const { username, email, password } = newAccount("ann");
  const { data } = await client().auth.signUp({ email, password, options: { data: { username } } });
  expect(data.session).not.toBeNull();
  const ids = await Promise.all(apis.map((entry) => enter(entry, username, password)));
  expect(new Set(ids).size).toBe(1);
});

test.each(apis)("$api refuses a password of which part would be ignored", async ({ api, register }) => {
  for (const [password, expected] of [["x".repeat(72), 201], ["x".repeat(73), 400], ["ä".repeat(37), 400]] as const) {
    const { status, body } = await new Caller(undefined, api).post(...register({ ...newAccount("ann"), password }));
    expect([password, status]).toEqual([password, expected]);
    if (status === 400) expect(Object.values(body).flat()).toContain("Password cannot be longer than 72 characters.");
  }
});

test.each(apis)("$api accepts a username or an email in either field", async ({ api, login: [path] }) => {
  const { username, email, password } = newAccount("ann");
  await client().auth.signUp({ email, password, options: { data: { username } } });
  const visitor = new Caller(undefined, api);
  for (const names of [{ username: email }, { email: username }, { username: "", email }, { username, email: "" }]) {
    expect([names, (await visitor.post(path, { ...names, password })).status]).toEqual([names, 200]);
  }
  const { status, body } = await visitor.post(path, { password });
  expect([status, Object.values(body)]).toEqual([400, [["This field is required."]]]);
});

describe("a room is the same in every API", () => {
  let ann: Person, bob: Person;
  let room: number;
  let name: string;

  beforeAll(async () => {
    ({ ann, bob } = await threePeople());
    room = await newPrivate(ann, bob);
    const [listed] = (await new Caller(ann.access, "social").get("/messenger/api/chatrooms/")).body;
    expect(listed.id).toBe(room);
    name = listed.name;
  });

  /** Sends a text through each API. */
  const senders: Record<string, (person: Person, text: string) => Promise<{ status: number }>> = {
    "messenger": ({ access }, text) => new Caller(access).post("/api/messages/", { chat: room, text }),
    "mini-chat": ({ access }, content) =>
      new Caller(access, "mini-chat").post("/api/chat/messages/", { room, content }),
    "social": ({ access }, content) =>
      new Caller(access, "social").post(`/messenger/api/chatrooms/${name}/messages/`, { content }),
  };

  /** The texts that each API returns. */
  const readers: Record<string, (person: Person) => Promise<string[]>> = {
    "messenger": async ({ access }) =>
      (await new Caller(access).get(`/api/messages/?chat=${room}`)).body.map(({ text }: { text: string }) => text),
    "mini-chat": async ({ access }) =>
      contents((await new Caller(access, "mini-chat").get(`/api/chat/messages/?room=${room}`)).body),
    "social": async ({ access }) =>
      contents((await new Caller(access, "social").get(`/messenger/api/chatrooms/${name}/messages/`)).body),
  };
  const contents = (messages: { content: string }[]) => messages.map(({ content }) => content);

  test("a message sent through one API appears in the others", async () => {
    const sent = [];
    for (const [api, send] of Object.entries(senders)) {
      for (const person of [ann, bob]) {
        sent.push(`${person.username} through ${api}`);
        expect((await send(person, sent.at(-1)!)).status).toBe(201);
      }
    }
    const read = await Promise.all(Object.values(readers).flatMap((read) => [read(ann), read(bob)]));
    expect(read).toEqual(Array(6).fill(sent));
  });

  test("opening the same chat through another API creates no second one", async () => {
    const [mini, social] = [new Caller(bob.access, "mini-chat"), new Caller(bob.access, "social")];
    const answers = [
      await mini.post("/api/chat/create-direct-chat/", { user_id: ann.id }),
      await social.post("/messenger/api/chatrooms/", { recipient: ann.username }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect([answers[0]!.body.room.id, answers[1]!.body.id, await newPrivate(bob, ann)]).toEqual([room, room, room]);
  });
});

test("a conversation with an assistant is the same in conversations and in chat-sessions", async () => {
  const { ann } = await threePeople();
  const [talks, sessions] = [new Caller(ann.access, "conversations"), new Caller(ann.access, "chat-sessions")];
  const { body: talk } = await talks.post("/api/chat/conversations/", { title: "Tea" });
  await talks.post(`/api/chat/conversations/${talk.id}/messages/`, { role: "user", content: "From conversations" });

  const session = (await sessions.get(`/api/v1/chat/sessions/${talk.id}/`)).body;
  expect(session).toMatchObject({ id: talk.id, title: "Tea", chats: [{ message: "From conversations" }] });

  const { status, body: chat } = await sessions.post(`/api/v1/chat/sessions/${talk.id}/chats/`, {
    message: "And back",
  });
  expect([status, chat]).toMatchObject([201, { message: "And back", response: expect.any(String) }]);
  const { messages } = (await talks.get(`/api/chat/conversations/${talk.id}/`)).body;
  expect(messages).toMatchObject([
    { role: "user", content: "From conversations" },
    { role: "user", content: "And back" },
    { role: "assistant", content: chat.response },
  ]);
});
