import { beforeAll, describe, expect, test } from "vitest";
import { Caller } from "../caller.ts";
import { ask, type Asker, newAsker, newSession, SESSIONS } from "./asker.ts";

let ann: Asker;
beforeAll(async () => {
  ann = await newAsker("ann");
});

const titleOf = async (session: string) => (await ann.api.get(session)).body.title;

describe("titles", () => {
  test("the first message gives an untitled session its title, the second does not change it", async () => {
    const session = await newSession(ann);
    await ask(ann, session, "What is  tea\nmade of?", "And coffee?");
    expect(await titleOf(session)).toBe("What is tea made of?");
  });

  test("a title from a long first message is cut", async () => {
    const session = await newSession(ann);
    await ask(ann, session, "чай ".repeat(50));
    const title = await titleOf(session);
    expect(title).toMatch(/^чай .*…$/);
    expect([...title].length).toBeLessThanOrEqual(60);
  });

  test("a title that the user gave stays, from creation or a later change", async () => {
    const titled = await newSession(ann, "About tea");
    const renamed = await newSession(ann);
    await ann.api.patch(renamed, { title: "New Chat" });
    for (const session of [titled, renamed]) await ask(ann, session, "What is tea?");
    expect([await titleOf(titled), await titleOf(renamed)]).toEqual(["About tea", "New Chat"]);
  });

  test.each([
    [{}, "This field is required."],
    [{ title: "" }, "This field may not be blank."],
    [{ title: " \n" }, "This field may not be blank."],
    [{ title: null }, "This field may not be null."],
    [{ title: 5 }, "Not a valid string."],
    [{ title: "a\0b" }, "Null characters are not allowed."],
    [{ title: "a".repeat(256) }, "Ensure this field has no more than 255 characters."],
  ])("%j → 400", async (body, text) => {
    const session = await newSession(ann, "Tea");
    const { status, body: refusal } = await ann.api.patch(session, body);
    expect([status, refusal]).toEqual([400, { title: [text] }]);
    if (typeof Object.values(body)[0] === "string") {
      expect((await ann.api.post(SESSIONS, body)).body).toEqual({ title: [text] });
    }
    expect(await titleOf(session)).toBe("Tea");
  });
});

test("PATCH {id}/ → 200 with the session and its chats", async () => {
  const session = await newSession(ann);
  const chats = await ask(ann, session, "Hello");
  const { status, body } = await ann.api.patch(session, { title: "Greetings" });
  expect([status, body]).toMatchObject([200, { title: "Greetings", chats }]);
  expect((await ann.api.get(session)).body).toEqual(body);
  const put = await ann.api.put(session, { ...body, title: "Welcome" });
  expect([put.status, put.body]).toEqual([200, { ...body, title: "Welcome" }]);
});

test("DELETE {id}/ → 204, deletes its chats", async () => {
  const session = await newSession(ann);
  const [chat] = await ask(ann, session, "Hello");
  expect(await ann.api.delete(session)).toMatchObject({ status: 204, body: undefined });
  const gone = [ann.api.get(session), ann.api.delete(session), ann.api.get(`${session}chats/${chat.id}/`)];
  expect((await Promise.all(gone)).map(({ status }) => status)).toEqual([404, 404, 404]);
});

test("messages of the conversations API appear here, and the other way round", async () => {
  const elsewhere = new Caller(ann.access, "conversations");
  const { body: { id } } = await elsewhere.post("/api/chat/conversations/", {});
  const { body: question } = await elsewhere.post(`/api/chat/conversations/${id}/messages/`, {
    role: "user",
    content: "From elsewhere",
  });
  const session = `${SESSIONS}${id}/`;
  const [asked] = await ask(ann, session, "From here");
  const { body } = await ann.api.get(session);
  expect(body.title).toBe("From elsewhere");
  const { created_at } = question;
  const unanswered = { id: question.id, message: "From elsewhere", response: null, created_at, metadata: {} };
  expect(body.chats).toEqual([unanswered, asked]);
  const messages = (await elsewhere.get(`/api/chat/conversations/${id}/messages/`)).body;
  expect(messages.map(({ role, content }: Record<string, string>) => [role, content])).toEqual([
    ["user", "From elsewhere"],
    ["user", "From here"],
    ["assistant", asked.response],
  ]);
});
