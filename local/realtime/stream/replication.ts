import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import postgres from "postgres";
import { log } from "../../base/terminal.ts";
import { Deliveries } from "./deliveries.ts";
import { type Change, decode } from "./pgoutput.ts";

const RETRY_MS = 100;
/** So many failures in a row are more than a restart of Postgres. */
const FAILURES_BEFORE_LOG = 50;
const STATUS_MS = 1_000;
const [WAL_DATA, KEEPALIVE, STATUS] = ["w", "k", "r"].map((letter) => letter.charCodeAt(0));
/** Microseconds from the Unix epoch to that of Postgres. */
const EPOCH_US = BigInt(Date.UTC(2000, 0, 1)) * 1000n;

/** The publication to follow, and its handlers. */
export interface Source {
  /** The database, with a role that may replicate. */
  url: string;
  publication: string;
  /** Called before a slot is created. */
  prepare?(sql: postgres.Sql): Promise<unknown>;
  /** Called for each change; the next one waits for its promise. */
  onChange(change: Change): void | Promise<void>;
  /** Called when a new slot starts: changes between the old and the new one are lost. */
  onStart?(): void;
}

/** Follows a publication through a temporary slot; creates a new one when the connection is lost. */
export class Replication {
  /** Whether changes committed now will be delivered. */
  isStreaming = false;
  #sql: postgres.Sql | undefined;
  #isStopped = false;
  #failures = 0;
  #running: Promise<void> | undefined;
  #streaming = Promise.withResolvers<void>();

  constructor(readonly source: Source) {}

  /** Resolves once the stream has started. */
  start(): Promise<void> {
    this.#isStopped = false;
    this.#running ??= this.#run().finally(() => this.#running = undefined);
    return this.#streaming.promise;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#sql?.end({ timeout: 0 }).catch(() => {});
    await this.#running;
  }

  async #run(): Promise<void> {
    for (this.#failures = 0; !this.#isStopped; await new Promise((resolve) => setTimeout(resolve, RETRY_MS))) {
      const error = await this.#follow().catch((error: Error) => error);
      this.isStreaming = false;
      await this.#sql?.end({ timeout: 0 }).catch(() => {});
      if (++this.#failures === FAILURES_BEFORE_LOG && !this.#isStopped) {
        log(`Realtime cannot follow ${this.source.publication}: ${error?.message ?? "the stream ends at once"}.`);
      }
    }
  }

  /** Resolves when the connection ends. */
  async #follow(): Promise<void> {
    const { url, publication, prepare, onStart } = this.source;
    const slot = `supabase_realtime_${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
    const sql = this.#sql = postgres(url, {
      max: 1,
      fetch_types: false,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: 5,
      onnotice: () => {},
      connection: { application_name: "realtime_replication", replication: "database" } as object,
    });
    await prepare?.(sql);
    await sql.unsafe(`CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`);
    const options = `proto_version '1', publication_names '${publication}'`;
    const stream = await sql.unsafe(`START_REPLICATION SLOT ${slot} LOGICAL 0/0 (${options})`).writable() as Duplex;
    this.isStreaming = true;
    this.#failures = 0;
    this.#streaming.resolve();
    onStart?.();
    await this.#read(stream);
  }

  async #read(stream: Duplex): Promise<void> {
    let seen = 0n;
    const { url, onChange } = this.source;
    const deliveries = new Deliveries(url, onChange, (isOn) => isOn ? stream.pause() : stream.resume());
    const confirm = () => void stream.write(standbyStatus(seen));
    const timer = setInterval(confirm, STATUS_MS);
    stream.on("data", (data: Buffer) => {
      if (data[0] === WAL_DATA) {
        deliveries.add(decode(data.subarray(25)), data.length);
        seen = later(seen, data.readBigUInt64BE(9));
      } else if (data[0] === KEEPALIVE) {
        seen = later(seen, data.readBigUInt64BE(1));
        if (data[17]) confirm();
      }
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.on("close", resolve).on("end", resolve).on("error", reject);
    try {
      await promise;
    } finally {
      clearInterval(timer);
      await deliveries.end();
    }
  }
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/** The message that confirms how far the stream has been read, so that the server can delete the log. */
function standbyStatus(position: bigint): Buffer {
  const message = Buffer.alloc(34);
  message[0] = STATUS!;
  for (const offset of [1, 9, 17]) message.writeBigUInt64BE(position, offset);
  message.writeBigInt64BE(BigInt(Date.now()) * 1000n - EPOCH_US, 25);
  return message;
}
