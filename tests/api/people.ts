import { uniqueName } from "../support/users.ts";
import { Caller } from "./caller.ts";

/** A registered user who calls the messenger. */
export interface Person {
  id: number;
  username: string;
  password: string;
  access: string;
  refresh: string;
  api: Caller;
}

/** Registers a user over the API. */
export async function newPerson(name: string, details: Record<string, string> = {}): Promise<Person> {
  const username = uniqueName(name);
  const password = crypto.randomUUID();
  const { status, body } = await new Caller().post("/api/auth/register/", { username, password, ...details });
  if (status !== 201) throw new Error(`Registering answered ${status}: ${JSON.stringify(body)}`);
  const { user, access, refresh } = body;
  return { id: user.id, username, password, access, refresh, api: new Caller(access) };
}

/** Ann, Bob and Eve: two who will chat, and a stranger. */
export async function threePeople() {
  const [ann, bob, eve] = await Promise.all([newPerson("ann"), newPerson("bob"), newPerson("eve")]);
  return { ann, bob, eve };
}

/** Creates a group with its owner and others; returns its id. */
export async function newGroup(owner: Person, ...others: Person[]): Promise<number> {
  const members = others.map(({ id }) => id);
  const { body } = await owner.api.post("/api/chats/", { type: "group", name: "A group", members });
  return body.id;
}

/** Creates the private chat of two users; returns its id. */
export async function newPrivate(one: Person, other: Person): Promise<number> {
  const { body } = await one.api.post("/api/chats/", { type: "private", members: [other.id] });
  return body.id;
}

/** Sends texts one after the other; returns the messages. */
export async function send(person: Person, chat: number, ...texts: string[]) {
  const messages = [];
  for (const text of texts) messages.push((await person.api.post("/api/messages/", { chat, text })).body);
  return messages;
}
