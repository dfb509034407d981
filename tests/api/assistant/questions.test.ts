import { beforeAll, describe, expect, test } from "vitest";
import { baseOf, Caller } from "../caller.ts";
import { collect, eventsOf } from "../chat-sessions/events.ts";
import { newPerson, type Person } from "../people.ts";

let ann: Person, eve: Person, api: Caller, questions: string, conversation: string;

beforeAll(async () => {
  [ann, eve] = await Promise.all([newPerson("ann"), newPerson("eve")]);
  api = new Caller(ann.access, "assistant");
  const created = await new Caller(ann.access, "conversations").post("/api/chat/conversations/", {});
  conversation = `/api/conversations/${created.body.id}/`;
  questions = `${conversation}questions/`;
});

/** Calls a route for a stream. */
async function stream(method: string, path: string, body?: object, headers = {}) {
  const response = await fetch(`${baseOf("assistant")}${path}`, {
    method,
    headers: {
      Accept: "text/event-stream",
      Authorization: `Bearer ${ann.access}`,
      "Content-Type": "application/json",
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return eventsOf(response);
}

test("POST …/questions/ → 201 with the reply, 200 when it is repeated, 409 with another text", async () => {
  const client_id = crypto.randomUUID();
  const asked = await api.post(questions, { message: "What is tea?", client_id });
  expect([asked.status, asked.body]).toEqual([201, {
    id: expect.any(Number),
    message: "What is tea?",
    response: expect.stringContaining("“What is tea?”"),
    created_at: expect.any(String),
    metadata: { responder: "offline" },
  }]);
  const repeated = await api.post(questions, { message: "What is tea?", client_id });
  expect([repeated.status, repeated.body]).toEqual([200, asked.body]);
  const reused = await api.post(questions, { message: "What is coffee?", client_id });
  expect([reused.status, reused.body.code]).toEqual([409, "client_id_reused"]);
});

test("POST …/questions/ → 400 for a blank question", async () => {
  const { status, body } = await api.post(questions, { message: " " });
  expect([status, body]).toEqual([400, { message: ["This field may not be blank."] }]);
});

test("a stream names the exchange, sends its parts with ids, and resumes after any of them", async () => {
  const events = [];
  for await (const event of await stream("POST", questions, { message: "Hello" })) events.push(event);
  expect(events.map(({ event }) => event)).toEqual(["exchange", ...events.slice(1, -1).map(() => "delta"), "done"]);
  expect(events[0]!.data).toMatchObject({ message: "Hello", response: null });
  const { id, response } = events.at(-1)!.data;
  const [third, ...rest] = events.slice(3);
  for (const resume of [{ query: `?after=${third!.id}` }, { headers: { "Last-Event-ID": third!.id! } }]) {
    const resumed = await collect(
      await stream("GET", `${questions}${id}/reply/${resume.query ?? ""}`, undefined, resume.headers),
    );
    expect(resumed.slice(1)).toEqual([{ event: "delta", data: { delta: text(rest) } }, rest.at(-1)].map(withoutId));
  }
  const reply = await api.get(`${questions}${id}/reply/`);
  expect([reply.status, reply.body]).toMatchObject([200, { question: id, state: "complete", reason: null, response }]);
});

// deno-lint-ignore no-explicit-any
const text = (events: any[]) => events.filter(({ event }) => event === "delta").map(({ data }) => data.delta).join("");
// deno-lint-ignore no-explicit-any
const withoutId = ({ event, data }: any) => ({ event, data });

test("POST …/regenerate/ → 200 with one new reply for each client_id", async () => {
  const { body: { id } } = await api.post(questions, { message: "Once more" });
  const again = (client_id: string) => api.post(`${questions}${id}/regenerate/`, { client_id });
  const key = crypto.randomUUID();
  expect(await again(key)).toMatchObject({ status: 200, body: { id, message: "Once more" } });
  expect((await again(key)).status).toBe(200);
  const chats = await new Caller(ann.access, "chat-sessions").get(
    `/api/v1/chat/sessions/${conversation.split("/")[3]}/`,
  );
  expect(chats.body.chats.filter(({ id: other }: { id: number }) => other === id)).toHaveLength(1);
});

test("POST …/continue/ → 409 for a complete reply", async () => {
  const { body: { id } } = await api.post(questions, { message: "Say it all" });
  const { status, body } = await api.post(`${questions}${id}/continue/`, {});
  expect([status, body.code]).toEqual([409, "reply_complete"]);
});

test("POST …/stop/ → 200 with the ended reply as it is; GET …/running-reply/ → 204", async () => {
  const { body } = await api.post(questions, { message: "Stop" });
  const stopped = await api.post(`${questions}${body.id}/stop/`, {});
  expect([stopped.status, stopped.body]).toEqual([200, body]);
  expect((await api.get(`${conversation}running-reply/`)).status).toBe(204);
});

test("chat-sessions shows the same exchanges", async () => {
  const { body } = await api.post(questions, { message: "Seen elsewhere" });
  const session = `/api/v1/chat/sessions/${conversation.split("/")[3]}/`;
  expect((await new Caller(ann.access, "chat-sessions").get(`${session}chats/${body.id}/`)).body).toEqual(body);
});

describe("a stranger, and nobody", () => {
  const ROUTES = [
    ["POST", "questions/"],
    ["POST", "questions/{id}/regenerate/"],
    ["POST", "questions/{id}/continue/"],
    ["POST", "questions/{id}/stop/"],
    ["GET", "questions/{id}/reply/"],
    ["GET", "running-reply/"],
  ] as const;
  let question: number;
  beforeAll(async () => void (question = (await api.post(questions, { message: "A secret" })).body.id));
  const call = (caller: Caller, method: string, path: string) =>
    caller.call(
      method,
      conversation + path.replace("{id}", `${question}`),
      method === "POST" ? { message: "Hello" } : undefined,
    );

  test.each(ROUTES)("%s %s → 404 to a stranger, 401 without a token", async (method, path) => {
    const stranger = await call(new Caller(eve.access, "assistant"), method, path);
    expect([stranger.status, stranger.body.detail]).toEqual([404, "Not found."]);
    const nobody = await call(new Caller(undefined, "assistant"), method, path);
    expect(nobody.status).toBe(401);
  });

  test("this list has every route", async () => {
    const { body } = await api.get("/api/schema/");
    const routes = Object.entries<object>(body.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) =>
        `${method.toUpperCase()} ${
          path.replace("/api/conversations/{conversation_id}/", "").replace("question_id", "id")
        }`
      )
    );
    expect(routes.sort()).toEqual(ROUTES.map(([method, path]) => `${method} ${path}`).sort());
  });
});
