import { Caller } from "../caller.ts";
import { newPerson, type Person } from "../people.ts";

/** Someone who calls the social API, and the messenger beside it. */
export interface SocialPerson extends Person {
  social: Caller;
}

/** Registers someone under a name that nobody else has. */
export async function newSocialPerson(name: string, details: Record<string, string> = {}): Promise<SocialPerson> {
  const person = await newPerson(name, details);
  return { ...person, social: new Caller(person.access, "social") };
}

/** Ann, Bob and Eve: two who will talk, and a third person. */
export async function threePeople() {
  const [ann, bob, eve] = await Promise.all(["ann", "bob", "eve"].map((name) => newSocialPerson(name)));
  return { ann: ann!, bob: bob!, eve: eve! };
}

/** The chat room of two people, as it is answered. */
export async function openRoom(one: SocialPerson, other: SocialPerson) {
  return (await one.social.post("/messenger/api/chatrooms/", { recipient: other.username })).body;
}

/** Where the messages of a room are. */
export const messagesOf = (room: { name: string }) =>
  `/messenger/api/chatrooms/${encodeURIComponent(room.name)}/messages/`;
