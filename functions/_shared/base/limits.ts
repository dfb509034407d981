/** How many characters each column takes at most, as its check constraint has it. */
export const LIMITS = {
  "conversation_messages.content": 100_000,
  "conversation_messages.role": 20,
  "conversations.title": 255,
  "messages.content": 10_000,
  "posts.content": 10_000,
  "posts.title": 255,
  "profiles.avatar_url": 2048,
  "profiles.bio": 2000,
  "profiles.first_name": 150,
  "profiles.last_name": 150,
  "profiles.username": 150,
  "rooms.description": 2000,
  "rooms.locked_reason": 500,
  "rooms.name": 255,
} as const;

/** A column with such a limit. */
export type LimitedColumn = keyof typeof LIMITS;
