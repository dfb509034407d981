import type { Connection } from "../connection/connection.ts";
import type { Attachment } from "../contract/message.ts";
import type { Counts, InboxRoom } from "../data/inbox_room.ts";
import { callForMessage, type Message, type SentMessage } from "../data/messages.ts";
import {
  type Edit,
  type Reaction,
  type ReactionOptions,
  readEdits,
  readMessages,
  readReactions,
  readSeqAt,
  searchMessages,
  type SearchOptions,
} from "../data/room_queries.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { SendOptions } from "../outbox/unsent.ts";
import { ChatError } from "../util/errors.ts";
import type { Readable } from "../util/store.ts";
import { type OpenOptions, RoomEngine } from "./room_engine.ts";
import type { RoomSnapshot } from "./room_snapshot.ts";

/**
 * An open room that stays in step with the database: by events as they arrive, and by `sync` for those that were
 * missed. A store of RoomSnapshot. Open one with `chat.rooms.open(id)`.
 */
export class LiveRoom implements Readable<RoomSnapshot> {
  /** Resolves when the room has loaded, however long the network takes; rejects if it cannot be opened. */
  readonly ready: Promise<void>;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #engine: RoomEngine;
  readonly #onRead: (seq: number, unread: Counts) => void;
  #loading: Promise<void> | undefined;

  constructor(
    connection: Connection,
    outbox: Outbox,
    readonly id: number,
    { pageSize = 50, at = "newest" }: OpenOptions = {},
    known: () => InboxRoom | undefined = () => undefined,
    onRead: (seq: number, unread: Counts) => void = () => {},
  ) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#engine = new RoomEngine(connection, outbox, id, { pageSize, at }, known);
    this.#onRead = onRead;
    this.ready = this.#engine.ready;
  }

  readonly subscribe = (listener: () => void) => this.#engine.store.subscribe(listener);
  readonly getSnapshot = () => this.#engine.store.getSnapshot();

  /**
   * Sends a message. It appears at once with the state `sending`, and goes out in order when there is a network.
   * @param content the text
   * @param options the message to reply to, mentions, files, and metadata for your own use
   * @returns its client_id
   *
   * @example
   * ```ts
   * room.send("Tea at five?");
   * room.send("Yes!", { replyTo: message.id });
   * room.send("@bob Tea?", { mentions: [friendId] });
   * room.send("The menu", { files: [{ body: picture, name: "menu.png" }] });
   * ```
   */
  send(content: string, { replyTo, metadata, files = [], mentions, mentionAll }: SendOptions = {}): string {
    this.#engine.presence?.sendTyping(false);
    this.showNewest();
    const fields = {
      reply_to_id: replyTo ?? null,
      metadata: metadata ?? {},
      ...(mentions?.length && { mentions }),
      ...(mentionAll && { mention_all: true }),
    };
    return this.#outbox.add({ room_id: this.id, content, files, ...fields });
  }

  /**
   * Returns a URL of a file of a message, which is valid for at least 15 seconds and at most 60. Ask for it whenever the file
   * is shown: it is kept as long as it is valid, and many calls are one request.
   * @param attachment the file
   * @param download whether browsers save it under its name instead of showing it
   * @throws ChatError attachment_not_found
   *
   * @example
   * ```ts
   * for (const attachment of message.attachments) console.log(attachment.name, await room.fileUrl(attachment));
   * ```
   */
  async fileUrl({ path, name }: Pick<Attachment, "path" | "name">, { download = false } = {}): Promise<string> {
    const url = await this.#connection.fileUrls.get(path);
    return download ? `${url}&download=${encodeURIComponent(name)}` : url;
  }

  /**
   * Retries a refused message.
   * @param clientId the client_id of the message
   *
   * @example
   * ```ts
   * for (const message of room.getSnapshot().messages) {
   *   if (message.state === "failed") room.retry(message.client_id);
   * }
   * ```
   */
  retry(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  /**
   * Removes an unsent message.
   * @param clientId the client_id of the message
   *
   * @example
   * ```ts
   * for (const message of room.getSnapshot().messages) {
   *   if (message.state === "failed") room.discard(message.client_id);
   * }
   * ```
   */
  discard(clientId: string): void {
    this.#outbox.discard(clientId);
  }

  /**
   * Forwards a message to another room, through the outbox.
   * @param messageId the message to forward
   * @param roomId the room to forward it to
   * @returns the client_id of the new message
   *
   * @example
   * ```ts
   * room.forward(message.id, otherRoomId);
   * ```
   */
  forward(messageId: number, roomId: number): string {
    const content = this.find(messageId)?.content ?? "";
    return this.#outbox.add({ room_id: roomId, content, forwarded_from_id: messageId });
  }

  /**
   * Edits one of the caller's messages.
   * @param messageId the message
   * @param content the new text
   * @param options whom the message mentions from now on; by default those that it has mentioned
   * @throws ChatError message_not_found, sender_required, member_not_found
   *
   * @example
   * ```ts
   * await room.edit(message.id, "Tea at six?");
   * ```
   */
  async edit(
    messageId: number,
    content: string,
    { mentions, mentionAll }: Pick<SendOptions, "mentions" | "mentionAll"> = {},
  ): Promise<void> {
    const args = {
      message_id: messageId,
      content,
      ...(mentions && { mentions: [...mentions] }),
      ...(mentionAll !== undefined && { mention_all: mentionAll }),
    };
    await this.#engine.change(callForMessage(this.#connection, "edit_message", args));
  }

  /**
   * Deletes a message and leaves a tombstone: the caller's own, or any as owner or admin.
   * @param messageId the message
   * @throws ChatError message_not_found, role_required
   *
   * @example
   * ```ts
   * await room.delete(message.id);
   * ```
   */
  async delete(messageId: number): Promise<void> {
    await this.#engine.change(callForMessage(this.#connection, "delete_message", { message_id: messageId }));
  }

  /**
   * Pins a message for everyone in the room.
   * @param messageId the message
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * await room.pin(message.id);
   * ```
   */
  async pin(messageId: number): Promise<void> {
    await this.#connection.run("pin_message", { message_id: messageId });
  }

  /**
   * Unpins a message. Does nothing if it is not pinned.
   * @param messageId the message
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * await room.unpin(message.id);
   * ```
   */
  async unpin(messageId: number): Promise<void> {
    await this.#connection.run("unpin_message", { message_id: messageId });
  }

  /**
   * Puts an emoji on a message. It shows at once; repeated, it changes nothing.
   * @param messageId the message
   * @param emoji one emoji, or one sign such as ✓
   * @throws ChatError message_not_found, invalid_emoji, too_many_kinds
   *
   * @example
   * ```ts
   * await room.react(message.id, "👍");
   * ```
   */
  async react(messageId: number, emoji: string): Promise<void> {
    await this.#engine.react({ messageId, emoji, added: true });
  }

  /**
   * Takes an emoji of the caller from a message. Does nothing if it is not there.
   * @param messageId the message
   * @param emoji the emoji
   * @throws ChatError message_not_found, invalid_emoji
   *
   * @example
   * ```ts
   * await room.unreact(message.id, "👍");
   * ```
   */
  async unreact(messageId: number, emoji: string): Promise<void> {
    await this.#engine.react({ messageId, emoji, added: false });
  }

  /**
   * Reads what a message said before it was edited, oldest first; at most the last 100 texts, none of a deleted message.
   * @param messageId the message
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { content, written_at } of await room.edits(message.id)) console.log(written_at, content);
   * ```
   */
  edits(messageId: number): Promise<Edit[]> {
    return readEdits(this.#connection, messageId);
  }

  /**
   * Reads who has reacted to a message, the earliest first.
   * @param messageId the message
   * @param options an emoji, and which part of the list
   * @throws ChatError
   *
   * @example
   * ```ts
   * for (const { username, emoji } of await room.reactions(message.id)) console.log(username, emoji);
   * ```
   */
  reactions(messageId: number, options: ReactionOptions = {}): Promise<Reaction[]> {
    return readReactions(this.#connection, this.id, messageId, options);
  }

  /**
   * Signals that the caller is typing. Call it on every key: it is sent at most every 3 seconds and expires after 6.
   *
   * @example
   * ```ts
   * input.addEventListener("input", () => room.typing());
   * ```
   */
  typing(): void {
    this.#engine.presence?.sendTyping(true);
  }

  /**
   * Signals that the caller has stopped typing. Sending does so too.
   *
   * @example
   * ```ts
   * input.addEventListener("blur", () => room.stopTyping());
   * ```
   */
  stopTyping(): void {
    this.#engine.presence?.sendTyping(false);
  }

  /**
   * Marks messages as read, up to a seq or to the newest one shown. Call it as often as you like: it is sent at most
   * twice a second.
   * @param seq default: the seq of the newest message shown
   *
   * @example
   * ```ts
   * room.markRead();
   * ```
   */
  markRead(seq: number = this.#engine.state.timeline.shown.lastSeq): void {
    const marked = this.#engine.markRead(seq);
    if (marked !== undefined) this.#onRead(marked, this.#engine.state.room!);
  }

  /**
   * Loads a page of older messages into the snapshot. Does nothing while one is loading.
   * @param limit messages to load; default one page
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (room.getSnapshot().hasOlder) await room.loadOlder();
   * ```
   */
  async loadOlder(limit?: number): Promise<void> {
    if (!this.#loading) await this.#load("loadingOlder", () => this.#engine.state.loadOlder(limit));
  }

  /**
   * Loads a page of newer messages into the snapshot while older ones are shown. Does nothing while a page is loading.
   * @param limit messages to load; default one page
   * @throws ChatError
   *
   * @example
   * ```ts
   * if (room.getSnapshot().hasNewer) await room.loadNewer();
   * ```
   */
  async loadNewer(limit?: number): Promise<void> {
    if (!this.#loading) await this.#load("loadingNewer", () => this.#engine.state.loadNewer(limit));
  }

  /**
   * Shows the messages around a seq, to jump to one that was found or replied to, or to where the caller stopped reading.
   * Loads one page however far back it is; `loadOlder` and `loadNewer` go on from there, and `showNewest` returns.
   * @param seq the message to show
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [found] = await room.search("tea");
   * if (found) await room.loadAround(found.seq);
   * ```
   */
  async loadAround(seq: number): Promise<void> {
    await this.#engine.ready;
    await this.#load("loadingOlder", () => this.#engine.state.loadAround(seq));
  }

  /**
   * Shows the messages around the first one at or after a time, or the last ones if all are older.
   * @param time the time to jump to
   * @returns the seq of that message; `undefined` in an empty room
   * @throws ChatError
   *
   * @example
   * ```ts
   * await room.loadAt(new Date("2026-01-01"));
   * ```
   */
  async loadAt(time: Date): Promise<number | undefined> {
    await this.#engine.ready;
    let seq: number | undefined;
    await this.#load("loadingOlder", async () => {
      seq = await readSeqAt(this.#connection, this.id, time);
      if (seq !== undefined) await this.#engine.state.loadAround(seq);
    });
    return seq;
  }

  /**
   * Shows the newest messages again after `loadAround`. Sending does so too.
   *
   * @example
   * ```ts
   * room.showNewest();
   * ```
   */
  showNewest(): void {
    this.#engine.state.timeline.showNewest();
    this.#engine.show();
  }

  /**
   * Loads all messages from a seq on. For a jump far back `loadAround` is quicker.
   * @param seq the oldest message to load
   * @throws ChatError
   *
   * @example
   * ```ts
   * const [found] = await room.search("tea");
   * if (found) await room.loadFrom(found.seq);
   * ```
   */
  async loadFrom(seq: number): Promise<void> {
    await this.#engine.ready; // until then, `firstSeq` is unknown
    await this.#load("loadingOlder", async () => {
      const { timeline } = this.#engine.state;
      timeline.showNewest();
      const from = Math.max(seq, 1);
      for (let before = 0; timeline.newest.firstSeq > from && timeline.newest.firstSeq !== before;) {
        before = timeline.newest.firstSeq;
        await this.#engine.state.loadOlder(Math.min(before - from, 1_000));
      }
    });
  }

  /**
   * Returns a loaded message: one that is shown, or that a reply or a pin refers to.
   * @param messageId the message
   * @returns undefined if the message is not loaded
   *
   * @example
   * ```ts
   * const quoted = message.reply_to_id && room.find(message.reply_to_id);
   * ```
   */
  find(messageId: number): SentMessage | undefined {
    return this.#engine.state.timeline.find(messageId);
  }

  /**
   * Returns a message of the room, loading it if necessary.
   * @param messageId the message
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * const { content } = await room.message(message.id);
   * ```
   */
  async message(messageId: number): Promise<SentMessage> {
    if (!this.find(messageId)) {
      await this.#engine.state.timeline.loadReferences(() => readMessages(this.#connection, [messageId]));
      this.#engine.show();
    }
    const found = this.find(messageId);
    if (!found) throw new ChatError("message_not_found", 404, "No such message.");
    return found;
  }

  /**
   * Searches the room for messages that contain the words in any form, or the text literally; newest first.
   * @param query the words to look for
   * @param options where to continue, and how many messages to return
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * const found = await room.search("tea", { limit: 20 });
   * ```
   */
  search(query: string, options: SearchOptions = {}): Promise<Message[]> {
    return searchMessages(this.#connection, query, options, this.id);
  }

  /**
   * Catches up on changes. This happens automatically after a gap or a reconnect, when the page becomes visible, and
   * when the token is renewed.
   *
   * @example
   * ```ts
   * room.sync();
   * ```
   */
  sync(): void {
    this.#engine.feed?.resume();
  }

  /**
   * Closes the room. Queued messages are still sent.
   *
   * @example
   * ```ts
   * room.close();
   * ```
   */
  close(): void {
    this.#engine.end(null);
  }

  /** Loads messages, after any load that is running. */
  async #load(flag: "loadingOlder" | "loadingNewer", load: () => Promise<void>): Promise<void> {
    const engine = this.#engine;
    while (this.#loading) await this.#loading.catch(() => {});
    if (engine.isClosed) return;
    engine.store.patch({ [flag]: true });
    this.#loading = load();
    try {
      await this.#loading;
    } finally {
      this.#loading = undefined;
      engine.store.patch({ [flag]: false });
      engine.show();
    }
  }
}
