import { Caller } from "../caller.ts";
import { newPerson, type Person } from "../people.ts";

/** A person who calls mini-chat by `api`, and the messenger by `messenger`. */
export interface MiniChatPerson extends Person {
  messenger: Caller;
  /** As mini-chat shows them to others. */
  user: { id: number; username: string; email: string; first_name: string; last_name: string };
}

/** Registers a person with a unique name. */
export async function newMiniChatPerson(name: string, details: Record<string, string> = {}): Promise<MiniChatPerson> {
  const person = await newPerson(name, details);
  const { id, username, access, api: messenger } = person;
  const user = { id, username, email: "", first_name: "", last_name: "", ...details };
  return { ...person, api: new Caller(access, "mini-chat"), messenger, user };
}

/** Ann, Bob and Eve: two who will chat, and a stranger. */
export async function threePeople() {
  const [ann, bob, eve] = await Promise.all(["ann", "bob", "eve"].map((name) => newMiniChatPerson(name)));
  return { ann: ann!, bob: bob!, eve: eve! };
}

/** Creates the direct chat of two users; returns its id. */
export async function newDirect(one: MiniChatPerson, other: MiniChatPerson): Promise<number> {
  return (await one.api.post("/api/chat/create-direct-chat/", { user_id: other.id })).body.room.id;
}

/** Creates a group that the others join; returns its id. */
export async function newGroup(owner: MiniChatPerson, ...others: MiniChatPerson[]): Promise<number> {
  const { body } = await owner.api.post("/api/chat/rooms/", { name: "A group" });
  for (const { api } of others) await api.post(`/api/chat/rooms/${body.id}/join/`, {});
  return body.id;
}

/** Creates a private group, which only the messenger can; returns its id. */
export async function newPrivateGroup(owner: MiniChatPerson, ...others: MiniChatPerson[]): Promise<number> {
  const members = others.map(({ id }) => id);
  return (await owner.messenger.post("/api/chats/", { type: "group", name: "Private", members })).body.id;
}

/** Sends texts one after the other; returns the messages. */
export async function send(person: MiniChatPerson, room: number, ...texts: string[]) {
  const messages = [];
  for (const content of texts) messages.push((await person.api.post("/api/chat/messages/", { room, content })).body);
  return messages;
}
