import { Caller } from "../caller.ts";
import { newPerson, type Person } from "../people.ts";

/** A person who also calls the social API. */
export interface SocialPerson extends Person {
  social: Caller;
}

/** Registers a person with a unique name. */
export async function newSocialPerson(name: string, details: Record<string, string> = {}): Promise<SocialPerson> {
  const person = await newPerson(name, details);
  return { ...person, social: new Caller(person.access, "social") };
}

/** Ann, Bob and Eve: two who will chat, and a stranger. */
export async function threePeople() {
  const [ann, bob, eve] = await Promise.all(["ann", "bob", "eve"].map((name) => newSocialPerson(name)));
  return { ann: ann!, bob: bob!, eve: eve! };
}

/** The chat room of two people, as the API returns it. */
export async function openRoom(one: SocialPerson, other: SocialPerson) {
  return (await one.social.post("/messenger/api/chatrooms/", { recipient: other.username })).body;
}

/** The path of a room's messages. */
export const messagesOf = (room: { name: string }) =>
  `/messenger/api/chatrooms/${encodeURIComponent(room.name)}/messages/`;
