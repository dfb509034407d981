import type { MessageReactions } from "../contract/events.ts";
import type { Message, RoomMessage, SentMessage } from "../data/messages.ts";

/** A change of reactions, as one person sees it. */
export interface Reacted extends MessageReactions {
  /** Who sees it. */
  me: string;
  /** The caller's own reactions after the change, from `sync`; an event says only what it changed. */
  own?: readonly string[] | undefined;
}

/** Returns the message after a change of its reactions; the same object if it had the change before. */
export function withReactions(message: SentMessage, change: Reacted): SentMessage {
  if (message.id !== change.message_id || message.deleted_at) return message;
  if ((message.reactions_version ?? 0) >= change.version) return message;
  const { user_id, emoji, added, me, own } = change;
  const changed = user_id === me && emoji ? withOwn(message.own_reactions, emoji, added) : message.own_reactions;
  return { ...message, reactions: change.counts, reactions_version: change.version, own_reactions: own ?? changed };
}

const withOwn = (own: readonly string[], emoji: string, isAdded = false) => {
  const others = own.filter((each) => !isSameEmoji(each, emoji));
  return isAdded ? [...others, emoji] : others;
};

/**
 * Whether two spellings are of one emoji. The server stores the full one, with variation selectors.
 *
 * @example
 * ```ts
 * import { isSameEmoji } from "parley-client";
 *
 * const isLiked = message.own_reactions.some((emoji) => isSameEmoji(emoji, "❤"));
 * console.log(isLiked);
 * ```
 */
export const isSameEmoji = (one: string, other: string): boolean => bare(one) === bare(other);
const bare = (emoji: string) => emoji.replace(/[\uFE0E\uFE0F]/g, "");

/** The change that the answer to a reaction of the caller reports. Its `own_reactions` are those of before the call. */
export function changeOfReactions(message: Message, { emoji, added }: Wish, me: string): Reacted | undefined {
  const { id: message_id, room_id, seq, reactions: counts, reactions_version: version } = message;
  if (version === null) return undefined;
  const stored = Object.keys(counts).find((each) => isSameEmoji(each, emoji)) ?? emoji;
  return {
    event: "message.reactions",
    room_id,
    version,
    message_id,
    seq,
    counts,
    user_id: me,
    emoji: stored,
    added,
    me,
  };
}

/** Reactions of the caller that are on their way to the server. They show at once. */
export class PendingReactions {
  #wishes: readonly Wish[] = [];
  #shown: { from: readonly unknown[]; list: readonly RoomMessage[] } | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Shows a reaction until the server has answered. The calls go out one after the other. */
  async send<Answer>(wish: Wish, call: () => Promise<Answer>, onChanged: () => void): Promise<Answer> {
    const isReplaced = ({ messageId, emoji }: Wish) => messageId === wish.messageId && isSameEmoji(emoji, wish.emoji);
    this.#wishes = [...this.#wishes.filter((other) => !isReplaced(other)), wish];
    onChanged();
    const answer = this.#last.then(call);
    this.#last = answer.catch(() => {});
    try {
      return await answer;
    } finally {
      this.#wishes = this.#wishes.filter((other) => other !== wish);
    }
  }

  /** Returns the messages with the caller's wishes; the same list until something changes. */
  over(messages: readonly RoomMessage[]): readonly RoomMessage[] {
    const from = [messages, this.#wishes];
    if (this.#wishes.length === 0) return messages;
    if (!this.#shown?.from.every((part, index) => part === from[index])) {
      this.#shown = { from, list: messages.map((message) => this.#wishes.reduce(withWish, message)) };
    }
    return this.#shown!.list;
  }
}

/** A reaction that the caller wants to add, or to take back. */
export interface Wish {
  messageId: number;
  emoji: string;
  added: boolean;
}

function withWish(message: RoomMessage, { messageId, emoji, added }: Wish): RoomMessage {
  if (message.id !== messageId || message.own_reactions.some((each) => isSameEmoji(each, emoji)) === added) {
    return message;
  }
  const kind = Object.keys(message.reactions).find((each) => isSameEmoji(each, emoji)) ?? emoji;
  const { [kind]: count = 0, ...others } = message.reactions;
  const next = count + (added ? 1 : -1);
  return {
    ...message,
    reactions: next > 0 ? { ...message.reactions, [kind]: next } : others,
    own_reactions: withOwn(message.own_reactions, emoji, added),
  };
}
