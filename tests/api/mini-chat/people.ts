import { Caller } from "../caller.ts";
import { newPerson as newMessengerPerson, type Person as MessengerPerson } from "../people.ts";

/** Somebody who calls mini-chat; `messenger` is the same person at another door. */
export interface Person extends MessengerPerson {
  messenger: Caller;
  /** As others see them. */
  user: { id: number; username: string; email: string; first_name: string; last_name: string };
}

/** Registers someone. */
export async function newPerson(name: string, details: Record<string, string> = {}): Promise<Person> {
  const person = await newMessengerPerson(name, details);
  const { id, username, access, api: messenger } = person;
  const user = { id, username, email: "", first_name: "", last_name: "", ...details };
  return { ...person, api: new Caller(access, "mini-chat"), messenger, user };
}

/** Ann, Bob and Eve: two who will talk, and a third person. */
export async function threePeople() {
  const [ann, bob, eve] = await Promise.all([newPerson("ann"), newPerson("bob"), newPerson("eve")]);
  return { ann, bob, eve };
}

/** The id of the direct chat of two people. */
export async function newDirect(one: Person, other: Person): Promise<number> {
  return (await one.api.post("/api/chat/create-direct-chat/", { user_id: other.id })).body.room.id;
}

/** The id of a new group of its owner and others who have joined. */
export async function newGroup(owner: Person, ...others: Person[]): Promise<number> {
  const { body } = await owner.api.post("/api/chat/rooms/", { name: "A group" });
  for (const { api } of others) await api.post(`/api/chat/rooms/${body.id}/join/`, {});
  return body.id;
}

/** A private group, which only the messenger makes. */
export async function newPrivateGroup(owner: Person, ...others: Person[]): Promise<number> {
  const members = others.map(({ id }) => id);
  return (await owner.messenger.post("/api/chats/", { type: "group", name: "Private", members })).body.id;
}

/** Sends texts one after the other, and answers the messages. */
export async function send(person: Person, room: number, ...texts: string[]) {
  const messages = [];
  for (const content of texts) messages.push((await person.api.post("/api/chat/messages/", { room, content })).body);
  return messages;
}
