import type { Json } from "../database.ts";
import { Backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { asChatError, type ChatError } from "./errors.ts";
import { uuid } from "./ids.ts";
import { answeredMessage, type Message } from "./messages.ts";
import { load, save } from "./storage.ts";
import { type Readable, Store } from "./store.ts";

/** A message that the server does not have yet. */
export interface Unsent {
  client_id: string;
  room_id: number;
  content: string;
  metadata: Json;
  reply_to_id: number | null;
  /** Forwards that message instead of sending `content`. */
  forwarded_from_id: number | null;
  created_at: string;
  /** The code of the refusal; without one it is being sent. */
  error?: string;
}

/** What a send says besides its text. */
export interface SendOptions {
  /** The message replied to. */
  replyTo?: number;
  metadata?: { [key: string]: Json | undefined };
}

/** How often the server may answer with its own failure before a message counts as refused. */
const PATIENCE = 5;

/**
 * The queue of unsent messages: sent one after the other, in order, and exactly once, however often the network fails
 * between; where there is storage it survives a reload. The snapshot lists them in order.
 */
export class Outbox implements Readable<readonly Unsent[]> {
  readonly #connection: Connection;
  readonly #store = new Store<readonly Unsent[]>([]);
  readonly #backoff: Backoff;
  readonly #receivers = new Set<(message: Message) => void>();
  #userId: string | undefined;
  #loading: Promise<void> | undefined;
  #sending = false;
  #keeping: Promise<void> = Promise.resolve();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#backoff = new Backoff(connection.retryMs);
    connection.onWake(() => void this.flush());
    connection.onEnd(() => this.#forget());
    void this.flush();
  }

  readonly subscribe = (listener: () => void) => this.#store.subscribe(listener);
  readonly getSnapshot = () => this.#store.getSnapshot();

  /**
   * Puts a message at the end of the queue.
   * @returns its client_id
   *
   * @example
   * ```ts
   * chat.outbox.add({ room_id: roomId, content: "As soon as I am online" });
   * ```
   */
  add(message: Pick<Unsent, "room_id" | "content"> & Partial<Unsent>): string {
    const entry: Unsent = {
      metadata: {},
      reply_to_id: null,
      forwarded_from_id: null,
      created_at: new Date().toISOString(),
      ...message,
      client_id: message.client_id ?? uuid(),
    };
    this.#store.set([...this.getSnapshot(), entry]);
    void this.#keep((list) => [...list, entry]);
    void this.flush();
    return entry.client_id;
  }

  /**
   * Tries a refused message again, at the end of the queue.
   *
   * @example
   * ```ts
   * for (const { client_id, error } of chat.outbox.getSnapshot()) if (error) chat.outbox.retry(client_id);
   * ```
   */
  retry(clientId: string): void {
    const entry = this.getSnapshot().find((each) => each.client_id === clientId);
    if (!entry) return;
    this.discard(clientId);
    const { error: _, ...again } = entry;
    this.add(again);
  }

  /**
   * Forgets a message that was not sent. One that is on its way just now may arrive all the same.
   *
   * @example
   * ```ts
   * chat.outbox.discard(clientId);
   * ```
   */
  discard(clientId: string): void {
    this.#store.set(this.getSnapshot().filter((each) => each.client_id !== clientId));
    void this.#keep((list) => list.filter((each) => each.client_id !== clientId));
  }

  /**
   * Calls the receiver with each message that has been sent, before it leaves the queue.
   * @returns a function that ends it
   *
   * @example
   * ```ts
   * const stop = chat.outbox.onSent(({ room_id, seq }) => console.log(room_id, seq));
   * ```
   */
  onSent(receiver: (message: Message) => void): () => void {
    this.#receivers.add(receiver);
    return () => void this.#receivers.delete(receiver);
  }

  /**
   * Sends what waits, at once; resolves when nothing waits any more. It happens by itself.
   *
   * @example
   * ```ts
   * await chat.outbox.flush();
   * ```
   */
  async flush(): Promise<void> {
    if (this.#sending) return this.#backoff.now();
    this.#sending = true;
    try {
      await (this.#loading ??= this.#load());
      for (let tries = 1, entry = this.#next(); entry; entry = this.#next()) {
        tries = await this.#attempt(entry, tries);
      }
    } catch {
      this.#loading = undefined; // nobody is signed in yet: add() comes here again
    } finally {
      this.#sending = false;
    }
  }

  #next(): Unsent | undefined {
    return this.getSnapshot().find(({ error }) => !error);
  }

  async #attempt(entry: Unsent, tries: number): Promise<number> {
    const user = this.#userId;
    try {
      const message = await this.#send(entry);
      if (user !== this.#userId) return 1;
      this.#backoff.reset();
      for (const receive of this.#receivers) receive(message);
      this.discard(entry.client_id);
      return 1;
    } catch (failure) {
      const error = asChatError(failure);
      if (user !== this.#userId) return 1;
      if (!error.passing || tries >= PATIENCE && error.status === 500) return this.#refuse(entry, error);
      await this.#backoff.wait();
      return error.status === 500 ? tries + 1 : tries;
    }
  }

  #refuse(entry: Unsent, { code }: ChatError): number {
    const refused = (list: readonly Unsent[]) =>
      list.map((each) => each.client_id === entry.client_id ? { ...each, error: code } : each);
    this.#store.set(refused(this.getSnapshot()));
    void this.#keep(refused);
    return 1;
  }

  async #send({ client_id, room_id, content, metadata, reply_to_id, forwarded_from_id }: Unsent): Promise<Message> {
    const { db } = this.#connection;
    if (forwarded_from_id) {
      const args = { message_id: forwarded_from_id, target_room_id: room_id, client_id };
      return await answeredMessage(this.#connection, db.rpc("forward_message", args));
    }
    const args = { room_id, content, client_id, metadata, ...(reply_to_id && { reply_to_id }) };
    return await answeredMessage(this.#connection, db.rpc("send_message", args));
  }

  get #key(): string {
    return `parley.outbox.${this.#userId}`;
  }

  async #load(): Promise<void> {
    this.#userId = await this.#connection.userId();
    const kept = await load<Unsent[]>(this.#connection.storage, this.#key) ?? [];
    const mine = this.getSnapshot();
    const among = (list: readonly Unsent[]) => ({ client_id }: Unsent) =>
      list.some((each) => each.client_id === client_id);
    const others = kept.filter((each) => !among(mine)(each));
    if (others.length > 0) this.#store.set([...others, ...mine]);
    await this.#keep((list) => [...list, ...mine.filter((each) => !among(list)(each))]);
  }

  /** Another tab has the same storage: only what changes here is changed there, one change after the other. */
  #keep(change: (list: readonly Unsent[]) => readonly Unsent[]): Promise<void> {
    const { storage } = this.#connection;
    if (!storage || !this.#userId) return this.#keeping;
    const key = this.#key;
    return this.#keeping = this.#keeping.then(async () => {
      const list = change(await load<Unsent[]>(storage, key) ?? []);
      await save(storage, key, list.length > 0 ? list : undefined);
    });
  }

  #forget(): void {
    this.#userId = undefined;
    this.#loading = undefined;
    if (this.getSnapshot().length > 0) this.#store.set([]);
  }
}
