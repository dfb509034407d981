import { beforeAll, expect, test } from "vitest";
import { type Asker, newAsker, newSession } from "./asker.ts";
import { baseOf } from "../caller.ts";
import { collect, eventsOf } from "./events.ts";

let ann: Asker, session: string;
beforeAll(async () => {
  ann = await newAsker("ann");
  session = await newSession(ann);
});

test("the offline responder quotes the beginning of the message, and names the settings of a real one", async () => {
  const { status, body } = await ann.api.post(`${session}chats/`, { message: `What is\n${"🍵".repeat(80)}?` });
  expect([status, body.metadata]).toEqual([201, { responder: "offline" }]);
  expect(body.response).toContain(`“What is ${"🍵".repeat(52)}…”`);
  expect(body.response).toMatch(/offline responder.*RESPONDER_URL and RESPONDER_MODEL/);
});

test("the offline responder streams, also for repeated messages and regenerated replies", async () => {
  const stream = async (path: string, body?: object) =>
    await collect(eventsOf(
      await fetch(`${baseOf("chat-sessions")}${path}`, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${ann.access}`,
          "Content-Type": "application/json",
          // Browsers list further types that they accept.
          Accept: "text/event-stream, application/json;q=0.5",
        },
        ...(body && { body: JSON.stringify(body) }),
      }),
    ));
  const message = { message: "What is tea?", client_id: crypto.randomUUID() };
  const events = await stream(`${session}chats/`, message);
  const chat = events.at(-1)!.data;
  const deltas = events.filter(({ event }) => event === "delta").map(({ data }) => data.delta);
  expect(events.map(({ event }) => event)).toEqual(["chat", ...deltas.map(() => "delta"), "done"]);
  expect(deltas.length).toBeGreaterThan(10);
  expect(deltas.join("")).toBe(chat.response);
  expect((await ann.api.get(`${session}chats/${chat.id}/`)).body).toEqual(chat);
  const opening = events[0]!;
  expect(opening.data).toEqual({ ...chat, response: null, metadata: {} });
  expect(await stream(`${session}chats/`, message)).toEqual([opening, events.at(-1)]);
  expect(await stream(`${session}chats/${chat.id}/regenerate/`)).toEqual(events);
});
