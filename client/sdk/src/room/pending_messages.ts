import {
  type Message,
  messageKey,
  type QueuedMessage,
  type RoomMessage,
  type SentMessage,
  toSentMessage,
} from "../data/messages.ts";
import type { Member } from "../data/room_changes.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Unsent } from "../outbox/unsent.ts";

/** Messages that the caller has sent to a room and that have not arrived in its feed yet. */
export class PendingMessages {
  /** Stored by the server; their events are about to arrive. */
  #answered: Message[] = [];
  #shown: { from: readonly unknown[]; list: readonly RoomMessage[] } | undefined;
  #views = new WeakMap<object, RoomMessage>();
  #caller: Sender | undefined;
  readonly #stops: (() => void)[];

  constructor(readonly outbox: Outbox, readonly roomId: number, onChanged: () => void) {
    this.#stops = [
      outbox.onSent((message) => message.room_id === roomId && this.#answered.push(message)),
      outbox.subscribe(onChanged),
    ];
  }

  /** Returns the messages of the room, followed by the caller's pending ones. The same list until something changes. */
  after(messages: readonly SentMessage[], me: string, members: readonly Member[]): readonly RoomMessage[] {
    const unsent = this.outbox.getSnapshot();
    const sender = this.#sender(me, members);
    const from = [messages, unsent, sender, this.#answered.length];
    if (this.#shown?.from.every((part, index) => part === from[index])) return this.#shown.list;
    const list = this.#rest(messages, unsent, sender, members);
    this.#shown = { from: [messages, unsent, sender, this.#answered.length], list };
    return list;
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  /** The caller as a sender: the same object until their username changes. */
  #sender(me: string, members: readonly Member[]): Sender {
    const name = members.find(({ user_id }) => user_id === me);
    const sender = { sender_id: me, sender_number: name?.number ?? null, sender_username: name?.username ?? null };
    if (this.#caller?.sender_id !== me || this.#caller.sender_username !== sender.sender_username) {
      this.#caller = sender;
      this.#views = new WeakMap();
    }
    return this.#caller;
  }

  #rest(
    messages: readonly SentMessage[],
    unsent: readonly Unsent[],
    sender: Sender,
    members: readonly Member[],
  ): readonly RoomMessage[] {
    const mine = unsent.filter((entry) => entry.room_id === this.roomId);
    if (mine.length === 0 && this.#answered.length === 0) return messages;
    const held = new Set(
      messages.flatMap(({ sender_id, client_id }) => sender_id === sender.sender_id ? client_id : []),
    );
    for (const { error, client_id } of mine) {
      // A moderator has approved it: the server answers with the message, and it leaves the queue. Not while this list is made.
      if (error === "message_held" && held.has(client_id)) queueMicrotask(() => this.outbox.retry(client_id));
    }
    const lastSeq = messages.at(-1)?.seq ?? 0;
    // A message that was sent earlier and lies further back is not loaded, and no event will follow.
    this.#answered = this.#answered.filter(({ seq }) => seq > lastSeq);
    const answered = new Set(this.#answered.map(({ client_id }) => client_id));
    return [
      ...messages,
      ...this.#answered.map((message) => this.#view(message, toSentMessage)),
      ...mine.filter(({ client_id }) => !held.has(client_id) && !answered.has(client_id))
        .map((entry) => this.#view(entry, (entry) => queued(entry, sender, members))),
    ];
  }

  #view<T extends object>(of: T, make: (of: T) => RoomMessage): RoomMessage {
    const view = this.#views.get(of) ?? make(of);
    this.#views.set(of, view);
    return view;
  }
}

type Sender = Pick<Message, "sender_id" | "sender_number" | "sender_username">;

function queued(
  { error, files = [], repeated: _, mentions = [], mention_all = false, ...entry }: Unsent,
  sender: Sender,
  members: readonly Member[],
): QueuedMessage {
  return {
    ...entry,
    ...sender,
    id: null,
    seq: null,
    version: 0,
    state: error === "message_held" ? "held" : error ? "failed" : "sending",
    key: messageKey(sender.sender_id, entry.client_id),
    forwarded_sender_id: null,
    forwarded_username: null,
    forwarded_content: entry.forwarded_from_id ? entry.content : null,
    edited_at: null,
    deleted_at: null,
    reactions: {},
    reactions_version: null,
    own_reactions: [],
    attachments: files,
    mentions: mentions.flatMap((id) => {
      const member = members.find(({ user_id }) => user_id === id);
      return member ? { user_id: id, number: member.number, name: member.username } : [];
    }),
    mentions_all: mention_all,
    ...(error && { error }),
  };
}
