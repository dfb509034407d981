/** Even the existence of these is secret; people and posts are visible to everyone. */
export const SECRET = ["message", "file", "room", "slug", "pin", "conversation", "turn", "link", "invitation"];

/** The kind of thing an id refers to, by the name of its field or the part of the path before it. */
const KINDS: [string, RegExp][] = [
  ["file", /attachment|upload/],
  ["invitation", /invitation/],
  ["link", /invites/],
  ["token", /^token$/],
  ["message", /message|forward|reply|before|after/],
  ["room", /chat|room/],
  ["pin", /pin/],
  ["conversation", /conversation|session/],
  ["post", /post/],
  ["account", /uuid/],
  ["person", /./],
];

/** What some APIs mean by these names instead: rooms by their slugs, and messages of conversations. */
const TALKS: [string, RegExp][] = [
  ["conversation", /conversation|session/],
  ["turn", /message|chats|question|reply|before|after/],
];
const OWN_KINDS: Record<string, [string, RegExp][]> = {
  "social": [["slug", /chatrooms/]],
  "chat-sessions": TALKS,
  "conversations": TALKS,
  "assistant": TALKS,
};

/** All kinds. */
export const ALL_KINDS = [...KINDS.map(([kind]) => kind), "slug", "turn"];

/** The kind of an id, by the API and the name of its field or the part of the path before it. */
export const kindOf = (api: string, name: string): string =>
  [...(OWN_KINDS[api] ?? []), ...KINDS].find(([, names]) => names.test(name))![0];
