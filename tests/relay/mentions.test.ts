import { expect, test } from "vitest";
import { newGroup, threePeople } from "../api/people.ts";
import { openChat } from "./socket.ts";

test("frames of messages say whom they mention", async () => {
  const { ann, bob, eve } = await threePeople();
  const chat = await newGroup(ann, bob);
  const [anns, bobs] = await Promise.all([openChat(ann, chat), openChat(bob, chat)]);
  const named = [{ user: bob.id, name: bob.username }];

  anns.send({ type: "message", text: `@${bob.username}`, mentions: [bob.id] });
  const sent = await bobs.next({ type: "message" });
  expect(sent).toMatchObject({ mentions: named, mention_all: false });
  anns.send({ type: "edit", message_id: sent.message_id, text: "still" });
  expect(await bobs.next({ type: "message_edit" })).toMatchObject({ text: "still", mentions: named });
  anns.send({ type: "edit", message_id: sent.message_id, text: "@all", mentions: [], mention_all: true });
  expect(await bobs.next({ type: "message_edit", text: "@all" })).toMatchObject({ mentions: [], mention_all: true });
  anns.send({ type: "message", text: "no", mentions: [eve.id] });
  expect(await anns.next({ type: "error" })).toMatchObject({ code: "member_not_found" });
  await Promise.all([anns.close(), bobs.close()]);
});
