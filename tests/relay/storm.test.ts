import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { newGroup, type Person, send, threePeople } from "../api/people.ts";
import { openChat } from "./socket.ts";
import { startWorker } from "./worker.ts";

const { jwt_secret } = inject("status");
let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => void (worker = await startWorker()));
afterAll(() => worker.stop());

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
const claimsOf = ({ access }: Person) => JSON.parse(Buffer.from(access.split(".")[1]!, "base64url").toString());

function sign(header: object, claims: object, secret: string): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

/** Tokens that look like a user's and are not. */
function forge(person: Person): string[] {
  const header = { alg: "HS256", typ: "JWT" };
  const claims = claimsOf(person);
  const [first, , last] = person.access.split(".");
  const { sub: _sub, ...nobody } = claims;
  return [
    sign(header, claims, "a secret of somebody else, which is long enough"),
    sign({ alg: "none" }, claims, jwt_secret).replace(/[^.]*$/, ""),
    sign({ alg: "HS512" }, claims, jwt_secret),
    `${first}.${encode({ ...claims, exp: claims.exp + 3600 })}.${last}`,
    sign(header, nobody, jwt_secret),
    sign(header, { ...claims, role: "service_role" }, jwt_secret),
    sign(header, { ...claims, role: "anon" }, jwt_secret),
    sign(header, { ...claims, sub: "1 or true" }, jwt_secret),
  ];
}

test("a storm of sockets with good and forged tokens is handled, without delaying others", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newGroup(ann, bob);
  const bobs = await openChat(bob, chat, "", worker.url);
  const forged = forge(ann);
  const storm = Array.from({ length: 200 }, (_, n) => {
    const access = n % 2 ? ann.access : forged[n / 2 % forged.length]!;
    return openChat({ access }, chat, "", worker.url);
  });
  bobs.send({ type: "message", text: "Through the storm" });
  await bobs.next({ text: "Through the storm" });
  const sockets = await Promise.all(storm);
  const codes = await Promise.all(sockets.filter((_, n) => n % 2 === 0).map(async ({ closed }) => (await closed).code));
  expect(codes).toEqual(codes.map(() => 4401));
  await send(ann, chat, "After the storm");
  for (const socket of sockets.filter((_, n) => n % 2)) {
    await socket.next({ text: "After the storm" });
    expect(socket.frames.filter(({ text }) => text === "After the storm").length).toBe(1);
  }
  // She came once, whatever the number of her sockets.
  const arrivals = () => bobs.of("user_status").filter(({ user_id }) => user_id === ann.id).length;
  await expect.poll(arrivals).toBe(1);
  await send(ann, chat, "Calm");
  await bobs.next({ text: "Calm" });
  expect(arrivals()).toBe(1);
  await Promise.all([bobs, ...sockets].map((socket) => socket.isClosed || socket.close()));
});

test("a worker serves more rooms than a connection to Realtime has channels for", async () => {
  const { ann } = await threePeople();
  const chats = await Promise.all(Array.from({ length: 60 }, () => newGroup(ann)));
  const sockets = await Promise.all(chats.map((chat) => openChat(ann, chat, "", worker.url)));
  await Promise.all(chats.map((chat) => send(ann, chat, `To ${chat}`)));
  for (const [index, socket] of sockets.entries()) {
    await socket.next({ text: `To ${chats[index]}` });
    expect(socket.of("message").length).toBe(1);
  }
  await Promise.all(sockets.map((socket) => socket.close()));
});
