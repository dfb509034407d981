import { log } from "../../base/terminal.ts";
import type { Channel } from "../channels/channel.ts";
import type { Server } from "../channels/server.ts";
import type { Change, Relation } from "../stream/pgoutput.ts";
import { Replication } from "../stream/replication.ts";
import { deliverChange } from "./deliver.ts";
import { matches, readChange, type Subscription } from "./request.ts";
import { check, PUBLICATION, SubscriptionRefusal } from "./subscribe.ts";
import { findTable, type Table } from "./table.ts";

const RETRY_MS = 5_000;

/** Sends channels the changes of the tables in the publication; the stream starts with the first subscription. */
export class Changes {
  readonly #replication: Replication;
  readonly #relations = new Map<number, Relation>();
  /** A cache, cleared when the stream describes a table again, as it does after every change of the table. */
  readonly #tables = new Map<number, Promise<Table | undefined>>();
  readonly #subscriptions = new Map<Channel, Subscription[]>();
  #committedAt = 0;

  constructor(url: string, readonly server: Server) {
    this.#replication = new Replication({
      url,
      publication: PUBLICATION,
      onChange: (change) => this.#receive(change),
      // Subscribers learn that there was a gap.
      onStart: () => this.#subscriptions.forEach((_, channel) => this.subscribe(channel)),
    });
  }

  stop(): Promise<void> {
    return this.#replication.stop();
  }

  /** Subscribes a channel, or sends it the error. */
  async subscribe(channel: Channel): Promise<void> {
    if (channel.isClosed) return;
    try {
      // Equal requests have the same id.
      const requests = new Map(channel.request.changes.map(readChange).map((request) => [request.id, request]));
      await this.#replication.start();
      // One after the other, so that a large request does not block the database for others.
      for (const request of requests.values()) {
        await check(this.server.pool.sql, request, channel.claims.role);
        if (channel.isClosed) return;
      }
      this.#subscriptions.set(channel, [...requests.values()].map((request) => ({ channel, request })));
      channel.pushSystem("postgres_changes", "ok", "Subscribed to PostgreSQL");
    } catch (error) {
      if (!channel.isClosed) this.#refuse(channel, error as Error);
    }
  }

  unsubscribe(channel: Channel): void {
    this.#subscriptions.delete(channel);
  }

  #refuse(channel: Channel, error: Error): void {
    channel.pushSystem("postgres_changes", "error", error.message);
    const isFinal = error instanceof SubscriptionRefusal || !("code" in error);
    if (!isFinal) setTimeout(() => this.subscribe(channel), RETRY_MS);
  }

  /** Delivers rows in order, each once its viewers are known. */
  #receive(change: Change): void | Promise<void> {
    if (change.kind === "begin") this.#committedAt = change.committedAt;
    else if (change.kind === "relation") {
      this.#relations.set(change.relation.id, change.relation);
      this.#tables.delete(change.relation.id);
    } else if (change.kind !== "commit" && change.kind !== "other") {
      const relation = this.#relations.get(change.relation);
      if (!relation) return;
      const isMeant = ({ request }: Subscription) => matches(request, relation, ACTIONS[change.kind]);
      const subscriptions = [...this.#subscriptions.values()].flat().filter(isMeant);
      if (subscriptions.length > 0) return this.#deliver(change, relation, subscriptions, this.#committedAt);
    }
  }

  async #deliver(change: Change, relation: Relation, to: Subscription[], committedAt: number): Promise<void> {
    try {
      if (!this.#tables.has(relation.id)) {
        this.#tables.set(relation.id, findTable(this.server.pool.sql, relation.id));
      }
      const table = await this.#tables.get(relation.id);
      if (table) await deliverChange(this.server, change, relation, table, to, committedAt);
    } catch (error) {
      this.#tables.delete(relation.id);
      log(`A change of ${relation.schema}.${relation.name} was not delivered: ${(error as Error).message}`);
    }
  }
}

const ACTIONS = { insert: "INSERT", update: "UPDATE", delete: "DELETE" } as const;
