import { log } from "../../base/terminal.ts";
import type { Channel } from "../channel.ts";
import type { Change, Relation } from "../pgoutput.ts";
import type { Realtime } from "../realtime.ts";
import { Replication } from "../replication.ts";
import { announce } from "./announce.ts";
import { means, readChange, type Subscription } from "./request.ts";
import { check, publication, SubscriptionRefusal } from "./subscribe.ts";
import { findTable, type Table } from "./table.ts";

const retryMs = 5_000;

/** Tells channels of changes in the tables of the publication; the stream begins with the first who wants them. */
export class Changes {
  readonly #replication: Replication;
  readonly #relations = new Map<number, Relation>();
  /** Looked up anew whenever the stream describes the table anew, which it does after every change of it. */
  readonly #tables = new Map<number, Promise<Table | undefined>>();
  readonly #subscriptions = new Map<Channel, Subscription[]>();
  #committedAt = 0;

  constructor(url: string, readonly server: Realtime) {
    this.#replication = new Replication({
      url,
      publication,
      onChange: (change) => this.#take(change),
      // Who listens learns that there was a gap.
      onStart: () => this.#subscriptions.forEach((_, channel) => this.subscribe(channel)),
    });
  }

  stop(): Promise<void> {
    return this.#replication.stop();
  }

  /** Begins to tell a channel what it asked for, or tells it why not. */
  async subscribe(channel: Channel): Promise<void> {
    if (channel.isOver) return;
    try {
      // Those that ask for the same have the same number.
      const requests = new Map(channel.request.changes.map(readChange).map((request) => [request.id, request]));
      await this.#replication.start();
      // One after the other: whoever asks for very much is not to keep others from the database.
      for (const request of requests.values()) {
        await check(this.server.pool.sql, request, channel.claims.role);
        if (channel.isOver) return;
      }
      this.#subscriptions.set(channel, [...requests.values()].map((request) => ({ channel, request })));
      channel.pushSystem("postgres_changes", "ok", "Subscribed to PostgreSQL");
    } catch (error) {
      if (!channel.isOver) this.#refuse(channel, error as Error);
    }
  }

  unsubscribe(channel: Channel): void {
    this.#subscriptions.delete(channel);
  }

  #refuse(channel: Channel, error: Error): void {
    channel.pushSystem("postgres_changes", "error", error.message);
    const isFinal = error instanceof SubscriptionRefusal || !("code" in error);
    if (!isFinal) setTimeout(() => this.subscribe(channel), retryMs);
  }

  /** Rows are told in turn, each once those who may see it are known. */
  #take(change: Change): void | Promise<void> {
    if (change.kind === "begin") this.#committedAt = change.committedAt;
    else if (change.kind === "relation") {
      this.#relations.set(change.relation.id, change.relation);
      this.#tables.delete(change.relation.id);
    } else if (change.kind !== "commit" && change.kind !== "other") {
      const relation = this.#relations.get(change.relation);
      if (!relation) return;
      const isMeant = ({ request }: Subscription) => means(request, relation, actions[change.kind]);
      const subscriptions = [...this.#subscriptions.values()].flat().filter(isMeant);
      if (subscriptions.length > 0) return this.#tell(change, relation, subscriptions, this.#committedAt);
    }
  }

  async #tell(change: Change, relation: Relation, to: Subscription[], committedAt: number): Promise<void> {
    try {
      if (!this.#tables.has(relation.id)) {
        this.#tables.set(relation.id, findTable(this.server.pool.sql, relation.id));
      }
      const table = await this.#tables.get(relation.id);
      if (table) await announce(this.server, change, relation, table, to, committedAt);
    } catch (error) {
      this.#tables.delete(relation.id);
      log(`A change of ${relation.schema}.${relation.name} is not told: ${(error as Error).message}`);
    }
  }
}

const actions = { insert: "INSERT", update: "UPDATE", delete: "DELETE" } as const;
