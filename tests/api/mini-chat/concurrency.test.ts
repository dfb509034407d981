import { expect, test } from "vitest";
import { newDirect, newGroup, newMiniChatPerson, send } from "./people.ts";

test("reading, sending and listing in parallel neither deadlock nor lose messages", async () => {
  const [ann, bob] = await Promise.all([newMiniChatPerson("ann"), newMiniChatPerson("bob")]);
  const rooms = [await newGroup(ann, bob), await newDirect(ann, bob)];
  await send(bob, rooms[0]!, "First");
  const requests = Array.from({ length: 12 }, (_, turn) => {
    const { api } = turn % 2 ? ann : bob;
    const room = rooms[turn % 3 === 0 ? 1 : 0]!;
    return [
      api.post("/api/chat/messages/", { room, content: `Message ${turn}` }),
      api.get(`/api/chat/rooms/${room}/history/`),
      api.get("/api/chat/rooms/"),
      api.get("/api/auth/me/"),
      api.patch("/api/auth/profile/", { first_name: `Name ${turn}` }),
    ];
  });
  const answers = await Promise.all(requests.flat());
  expect(answers.filter(({ status }) => status >= 300).map(({ status, body }) => [status, body])).toEqual([]);
  const listed = await Promise.all(rooms.map((room) => ann.api.get(`/api/chat/messages/?room=${room}`)));
  expect(listed.flatMap(({ body }) => body)).toHaveLength(13);
});

test("a message sent several times in parallel is created once", async () => {
  const ann = await newMiniChatPerson("ann");
  const room = await newGroup(ann);
  const client_id = crypto.randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => ann.api.post("/api/chat/messages/", { room, content: "Once", client_id })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
  expect((await ann.api.get(`/api/chat/messages/?room=${room}`)).body).toHaveLength(1);
});
