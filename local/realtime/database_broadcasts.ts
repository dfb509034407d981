import type { Buffer } from "node:buffer";
import { log } from "../base/terminal.ts";
import type { Topics } from "./channels/topics.ts";
import type { Settings } from "./limits/settings.ts";
import type { Change, Relation, Tuple } from "./stream/pgoutput.ts";
import { Replication } from "./stream/replication.ts";
import type { Body } from "./wire/binary.ts";
import { BroadcastMessage } from "./wire/topic_message.ts";

const PUBLICATION = "supabase_realtime_messages_publication";
const COLUMNS = ["topic", "event", "private", "id", "payload", "binary_payload"] as const;

type Positions = Record<typeof COLUMNS[number], number>;

/** Broadcasts the rows of realtime.messages in the order of their commits. */
export class DatabaseBroadcasts {
  readonly #replication: Replication;
  /** The positions of the columns; each partition is a table. */
  readonly #partitions = new Map<number, Positions>();
  #hasStarted = false;

  constructor(url: string, readonly topics: Topics, readonly settings: Settings) {
    this.#replication = new Replication({
      url,
      publication: PUBLICATION,
      prepare: (sql) => sql.unsafe(ENSURE_PUBLICATION),
      onChange: (change) => this.#receive(change),
      onStart: () => this.#started(),
    });
  }

  get isStreaming(): boolean {
    return this.#replication.isStreaming;
  }

  start(): Promise<void> {
    return this.#replication.start();
  }

  stop(): Promise<void> {
    return this.#replication.stop();
  }

  /** Rows between two streams are lost: clients receive an error, rejoin, and read what they missed. */
  #started(): void {
    if (this.#hasStarted) this.topics.restart();
    this.#hasStarted = true;
  }

  #receive(change: Change): void {
    if (change.kind === "relation") return this.#readRelation(change.relation);
    if (change.kind !== "insert") return;
    const positions = this.#partitions.get(change.relation);
    if (positions) this.#broadcast(change.after, positions);
  }

  #readRelation({ id, schema, name, columns }: Relation): void {
    if (schema !== "realtime" || !name.startsWith("messages")) return;
    const positions = COLUMNS.map((name) => [name, columns.findIndex((column) => column.name === name)]);
    this.#partitions.set(id, Object.fromEntries(positions));
  }

  #broadcast(row: Tuple, at: Positions): void {
    const [topic, event, isPrivate, id] = [row[at.topic], row[at.event], row[at.private], row[at.id]];
    const body = bodyOf(row[at.payload], row[at.binary_payload]);
    if (!topic || !event || !isPrivate || !id || !body) return;
    const name = topic.toString();
    const hearers = this.topics.find(name, isPrivate.toString() === "t");
    if (body.bytes.length > this.settings.maxPayloadBytes) {
      log(`A broadcast to ${topic} is too large.`);
      return hearers?.restart();
    }
    if (this.topics.events.isExceeded) return hearers?.shutDown("Too many messages per second");
    this.topics.events.add();
    hearers?.broadcast(new BroadcastMessage(name, event.toString(), body, id.toString()));
  }
}

function bodyOf(payload: Buffer | null | undefined, binary: Buffer | null | undefined): Body | undefined {
  if (binary) return { isJson: false, bytes: Uint8Array.fromHex(binary.toString("latin1").slice(2)) };
  return payload ? { isJson: true, bytes: payload as Uint8Array<ArrayBuffer> } : undefined;
}

const ENSURE_PUBLICATION = `
  do $$
  begin
    if not exists (select from pg_publication where pubname = '${PUBLICATION}') then
      create publication ${PUBLICATION} for table realtime.messages;
    end if;
  end
  $$`;
