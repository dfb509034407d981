/** Of these nobody may learn that they exist; people and posts are there for everyone. */
export const SECRET = ["message", "room", "slug", "pin", "conversation", "turn"];

/** Which kind of thing an id refers to, by the name of its field or the part of the path before it. */
const KINDS: [string, RegExp][] = [
  ["message", /message|forward|reply|before|after/],
  ["room", /chat|room/],
  ["pin", /pin/],
  ["conversation", /conversation|session/],
  ["post", /post/],
  ["account", /uuid/],
  ["person", /./],
];

/** What some APIs mean by these names instead: rooms by their slugs, and what was said in talks with an assistant. */
const TALKS: [string, RegExp][] = [
  ["conversation", /conversation|session/],
  ["turn", /message|chats|reply|before|after/],
];
const OWN_KINDS: Record<string, [string, RegExp][]> = {
  "social": [["slug", /chatrooms/]],
  "chat-sessions": TALKS,
  "conversations": TALKS,
};

/** All of them. */
export const ALL_KINDS = [...KINDS.map(([kind]) => kind), "slug", "turn"];

/** Of which kind an id is, by the API and the name of its field or the part of the path before it. */
export const kindOf = (api: string, name: string): string =>
  [...(OWN_KINDS[api] ?? []), ...KINDS].find(([, names]) => names.test(name))![0];
