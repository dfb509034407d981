import { LRUCache } from "lru-cache";
import { asUser } from "../db.ts";
import { Change, type Payload } from "./change.ts";
import type { Room } from "./room.ts";

/** Numbers of people, which never change. */
const numbers = new LRUCache<string, number>({ max: 10_000 });

/** Tells how far people have read: events name a uuid and a seq, the documents a number and a message. */
export class ReadMarks {
  readonly #messages = new LRUCache<number, number>({ max: 200 });
  readonly #told = new LRUCache<string, number>({ max: 100 });
  #turn: Promise<void> = Promise.resolve();

  constructor(readonly room: Room) {}

  /** Remembers which message has which seq. */
  notice({ payload: { message } }: Change): void {
    if (message) this.#messages.set(message.seq, message.id);
  }

  /** Tells a mark, after those before it; what only says that messages were delivered is nobody's business here. */
  tell(payload: Payload): void {
    const { user_id, last_read_seq } = payload;
    if (last_read_seq <= (this.#told.get(user_id) ?? 0)) return;
    this.#told.set(user_id, last_read_seq);
    this.#turn = this.#turn.then(async () => {
      const ids = await this.#lookUp(user_id, last_read_seq);
      if (ids) this.room.tell(new Change("member.read", { ...payload, ...ids }));
    }).catch((error) => console.error(`room ${this.room.id} cannot tell a read mark:`, error));
  }

  async #lookUp(user: string, seq: number): Promise<{ user_number: number; message_id: number } | undefined> {
    const known = { user_number: numbers.get(user), message_id: this.#messages.get(seq) };
    if (known.user_number && known.message_id) return known as { user_number: number; message_id: number };
    const [reader] = this.room.connections;
    if (!reader) return undefined;
    const [[found]] = await asUser(reader.claims, (sql) => [
      sql<{ user_number: number; message_id: number }[]>`
        select profiles.number as user_number, messages.id as message_id
        from chat.profiles as profiles, chat.messages as messages
        where profiles.id = ${user} and messages.room_id = ${this.room.id} and messages.seq = ${seq}`,
    ]);
    if (!found) return undefined;
    numbers.set(user, found.user_number);
    this.#messages.set(seq, found.message_id);
    return found;
  }
}
