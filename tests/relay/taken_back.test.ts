import { expect, test } from "vitest";
import { newSocialPerson, openRoom } from "../api/social/people.ts";
import { open, openChat } from "./socket.ts";

test("a user who reconnects is sent no text that was deleted or edited away, on any path", async () => {
  const [ann, bob] = await Promise.all([newSocialPerson("ann"), newSocialPerson("bob")]);
  const { id, name } = await openRoom(ann, bob);
  const anns = await openChat(ann, id);
  const { version } = (await bob.api.get(`/api/chats/${id}/`)).body;
  for (const text of ["Deleted secret", "Edited secret", "Kept"]) anns.send({ type: "message", text });
  const first = await anns.next({ text: "Deleted secret" });
  const second = await anns.next({ text: "Edited secret" });
  anns.send({ type: "delete", message_id: first.message_id });
  anns.send({ type: "edit", message_id: second.message_id, text: "Harmless" });
  await anns.next({ text: "Harmless" });

  const query = `?token=${bob.access}&since=${version}`;
  const sockets = await Promise.all([
    open(`/messenger/ws/chat/${id}/${query}`),
    open(`/mini-chat/ws/chat/${id}/${query}`),
    open(`/social/messenger/ws/ws/chat/${name}/${query}`),
    open(`/social/ws/chat/${name}/${query}`),
  ]);
  for (const [number, key] of ["text", "message", "content", "content"].entries()) {
    const socket = sockets[number]!;
    await socket.next({ [key]: "Harmless" });
    expect(JSON.stringify(socket.frames)).not.toContain("secret");
    expect(socket.frames.map((frame) => frame[key]).filter(Boolean)).toEqual(["Kept", "Harmless"]);
  }
});
