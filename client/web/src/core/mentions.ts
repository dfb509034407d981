import type { Member, Mention, SendOptions } from "parley-client";

const NAME = /(?<![\p{L}\p{N}_.@+-])@([\p{L}\p{N}_.@+-]+)/gu;

/**
 * Finds each `@` with a name in a text. A name may contain signs that also end a sentence: the longest that is known counts.
 * @param find returns what is known of a name in lower case
 */
export function* namesIn<T>(text: string, find: (name: string) => T | undefined) {
  for (const { index, 1: written } of text.matchAll(NAME)) {
    for (let name = written!; name; name = name.slice(0, -1)) {
      const found = find(name.toLowerCase());
      if (found) yield { start: index, end: index + 1 + name.length, found };
      if (found || !/[.@+-]$/.test(name)) break;
    }
  }
}

/** Mentions everyone, unless a member has this username. */
export const EVERYONE = "all";

/**
 * Returns whom a text mentions.
 * @param members of the room
 * @param before whom it mentioned before it was edited, by the names of then
 */
export function mentionsIn(
  text: string,
  members: readonly Pick<Member, "user_id" | "username">[],
  before: readonly Mention[] = [],
): Required<Pick<SendOptions, "mentions" | "mentionAll">> {
  const ids = new Map([[EVERYONE, EVERYONE]]);
  for (const { user_id, name } of before) ids.set(name.toLowerCase(), user_id);
  for (const { user_id, username } of members) ids.set(username.toLowerCase(), user_id);
  const found = new Set(Array.from(namesIn(text, (name) => ids.get(name)), ({ found }) => found));
  return { mentionAll: found.delete(EVERYONE), mentions: [...found].slice(0, 50) };
}
