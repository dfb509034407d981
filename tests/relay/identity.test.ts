import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, inject, test } from "vitest";
import { newGroup, newPrivate, type Person, threePeople } from "../api/people.ts";
import { database } from "../support/clients.ts";
import { connect } from "../support/connection.ts";
import { uniqueName } from "../support/users.ts";
import { openChat } from "./socket.ts";

const sql = database();
afterAll(() => sql.end());

const accountOf = ({ access }: Person): string => JSON.parse(atob(access.split(".")[1]!)).sub;

/** A member on the live topic of a chat, who can broadcast anything there. */
async function onLiveTopic(person: Person, chat: number, key?: string) {
  const [{ topic }] = await sql`select topic from chat.rooms where id = ${chat}` as unknown as [{ topic: string }];
  const connection = connect(inject("status"), person.access);
  await connection.supabase.realtime.setAuth();
  const channel = connection.supabase.channel(`${topic}:live`, {
    config: { private: true, ...(key && { presence: { key, enabled: true } }) },
  });
  expect(await new Promise((resolve) => channel.subscribe(resolve))).toBe("SUBSCRIBED");
  const type = (payload: unknown) => channel.send({ type: "broadcast", event: "typing", payload: payload as object });
  return { channel, type, close: () => connection.close() };
}

describe("typing that a member broadcasts", () => {
  test("is passed on when it names a member, in every shape that clients send", async () => {
    const { ann, bob } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const anns = await openChat(ann, chat);
    const bobs = await onLiveTopic(bob, chat);
    const { id: number, username } = bob;
    const user_id = accountOf(bob);
    for (
      const payload of [
        { user_id, number, username, is_typing: true },
        { user_id, username, typing: true },
        { user_id, is_typing: true },
        { number, username, is_typing: true },
      ]
    ) {
      await bobs.type(payload);
      expect(await anns.next({ type: "typing" })).toEqual({
        type: "typing",
        user_id: number,
        username,
        is_typing: true,
      });
      await bobs.type({ ...payload, ...("typing" in payload ? { typing: false } : { is_typing: false }) });
      await anns.next({ type: "typing", is_typing: false });
    }
    await bobs.close();
  });

  test("is dropped when it names no one, a stranger, two users, or a member by another name", async () => {
    const { ann, bob, eve } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const anns = await openChat(ann, chat);
    const bobs = await onLiveTopic(bob, chat);
    const [annsId, bobsId, evesId] = [accountOf(ann), accountOf(bob), accountOf(eve)];
    const is_typing = true;
    for (
      const payload of [
        { is_typing },
        { user_id: evesId, is_typing },
        { user_id: evesId, number: eve.id, username: eve.username, is_typing },
        { number: eve.id, username: eve.username, is_typing },
        { user_id: crypto.randomUUID(), username: "Admin", is_typing },
        { user_id: bobsId, number: bob.id, username: "Admin", is_typing },
        { user_id: bobsId, username: ann.username, typing: true },
        { user_id: bobsId, number: ann.id, username: bob.username, is_typing },
        { user_id: annsId, number: bob.id, username: bob.username, is_typing },
        { user_id: bobsId, number: String(bob.id), is_typing },
        { user_id: [bobsId], is_typing },
        { user_id: "x".repeat(100_000), is_typing },
        { user_id: bobsId, number: 1e300, is_typing },
        { user_id: bobsId, username: { toString: "no" }, is_typing },
        { user_id: bobsId, is_typing: "yes" },
        { user_id: bobsId },
        null,
        [],
      ]
    ) {
      await bobs.type(payload);
    }
    await bobs.type({ user_id: bobsId, is_typing });
    await anns.next({ type: "typing" });
    // Under load it may have ended already.
    const begun = anns.of("typing").filter((frame) => frame.is_typing);
    expect(begun).toEqual([{ type: "typing", user_id: bob.id, username: bob.username, is_typing }]);
    await bobs.close();
  });

  test("of many unknown users does not hide the typing of members", async () => {
    const { ann, bob, eve } = await threePeople();
    const chat = await newGroup(ann, bob, eve);
    const anns = await openChat(ann, chat);
    const eves = await onLiveTopic(eve, chat);
    for (let count = 0; count < 60; count++) await eves.type({ user_id: crypto.randomUUID(), is_typing: true });
    const bobs = await openChat(bob, chat);
    bobs.send({ type: "typing", is_typing: true });
    await anns.next({ type: "typing", user_id: bob.id, is_typing: true });
    expect(new Set(anns.of("typing").map(({ user_id }) => user_id))).toEqual(new Set([bob.id]));
    await eves.close();
  });
});

test("typing over a socket has the current username", async () => {
  const { ann, bob } = await threePeople();
  const chat = await newPrivate(ann, bob);
  const [anns, bobs] = [await openChat(ann, chat), await openChat(bob, chat)];
  bobs.send({ type: "typing", is_typing: true });
  await anns.next({ type: "typing", username: bob.username });
  const username = uniqueName("robert");
  await sql`update chat.profiles set username = ${username} where number = ${bob.id}`;
  await anns.next({ type: "change", event: "room.updated" });
  bobs.send({ type: "typing", is_typing: true });
  await anns.next({ type: "typing", username, is_typing: true });
});

describe("presence that a member tracks", () => {
  test("notifies sockets of members who have the room open with supabase-js, and when they leave", async () => {
    const { ann, bob } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const anns = await openChat(ann, chat);
    const bobs = await onLiveTopic(bob, chat, accountOf(bob));
    await bobs.channel.track({});
    await anns.next({ type: "user_status", user_id: bob.id, is_online: true });
    const again = await openChat(ann, chat);
    await again.next({ type: "user_status", user_id: bob.id, is_online: true });
    await bobs.close();
    await anns.next({ type: "user_status", user_id: bob.id, is_online: false });
  });

  test("under the id of a stranger, or a bad id, notifies no one", async () => {
    const { ann, bob, eve } = await threePeople();
    const chat = await newPrivate(ann, bob);
    const anns = await openChat(ann, chat);
    const topics = [];
    for (const key of [accountOf(eve), crypto.randomUUID(), "admin", String(eve.id), "__proto__"]) {
      const topic = await onLiveTopic(bob, chat, key);
      await topic.channel.track({ user_id: accountOf(eve), username: "Admin", is_online: true });
      topics.push(topic);
    }
    const honest = await onLiveTopic(bob, chat, accountOf(bob));
    await honest.channel.track({ username: "Admin" });
    await anns.next({ type: "user_status", user_id: bob.id, is_online: true });
    await sleep(500);
    expect(anns.of("user_status")).toEqual([{ type: "user_status", user_id: bob.id, is_online: true }]);
    await Promise.all([...topics, honest].map((topic) => topic.close()));
  });
});
