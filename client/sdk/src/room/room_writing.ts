import type { Connection } from "../connection/connection.ts";
import { answeredMessage } from "../data/messages.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { RoomEngine } from "./room_engine.ts";
import { RoomHistory } from "./room_history.ts";
import type { SendOptions } from "../outbox/unsent.ts";

/** Sending messages to an open room and changing them: a part of LiveRoom. */
export class RoomWriting extends RoomHistory {
  readonly #outbox: Outbox;

  constructor(id: number, connection: Connection, engine: RoomEngine, outbox: Outbox) {
    super(id, connection, engine);
    this.#outbox = outbox;
  }

  /**
   * Sends a message: it shows at once, as `sending`, and is sent when there is a network, after those before it.
   * @returns its client_id
   *
   * @example
   * ```ts
   * room.send("Tea at five?");
   * room.send("Yes!", { replyTo: message.id });
   * ```
   */
  send(content: string, { replyTo, metadata }: SendOptions = {}): string {
    this.engine.presence?.type(false);
    return this.#outbox.add({ room_id: this.id, content, reply_to_id: replyTo ?? null, metadata: metadata ?? {} });
  }

  /**
   * Sends a refused message again.
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
   * Forgets a message that was not sent.
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
   * Sends what a message says to another room, through the queue.
   * @returns its client_id
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
   * Changes one's own message.
   * @throws ChatError message_not_found, sender_required
   *
   * @example
   * ```ts
   * await room.edit(message.id, "Tea at six?");
   * ```
   */
  async edit(messageId: number, content: string): Promise<void> {
    await this.engine.change(answeredMessage(this.connection, "edit_message", { message_id: messageId, content }));
  }

  /**
   * Leaves a tombstone in place of one's own message, or, as owner or admin, of any.
   * @throws ChatError message_not_found, role_required
   *
   * @example
   * ```ts
   * await room.delete(message.id);
   * ```
   */
  async delete(messageId: number): Promise<void> {
    await this.engine.change(answeredMessage(this.connection, "delete_message", { message_id: messageId }));
  }

  /**
   * Pins a message for everyone in the room.
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * await room.pin(message.id);
   * ```
   */
  async pin(messageId: number): Promise<void> {
    await this.connection.run("pin_message", { message_id: messageId });
  }

  /**
   * Unpins a message; if it was not pinned, nothing changes.
   * @throws ChatError message_not_found
   *
   * @example
   * ```ts
   * await room.unpin(message.id);
   * ```
   */
  async unpin(messageId: number): Promise<void> {
    await this.connection.run("unpin_message", { message_id: messageId });
  }
}
