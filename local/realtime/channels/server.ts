import type { Policies } from "../access/policies.ts";
import type { Pool } from "../access/pool.ts";
import type { Tokens } from "../access/tokens.ts";
import type { Rate } from "../limits/rate.ts";
import type { Settings } from "../limits/settings.ts";
import type { Channel } from "./channel.ts";
import type { Socket } from "./socket.ts";
import type { Topics } from "./topics.ts";

/** The parts of the server that sockets, channels and the HTTP API use. */
export interface Server {
  readonly settings: Settings;
  readonly tokens: Tokens;
  readonly policies: Policies;
  readonly pool: Pool;
  readonly topics: Topics;
  readonly joins: Rate;
  readonly sockets: Set<Socket>;
  /** Sockets that have joined nothing yet, the oldest first. */
  readonly unjoined: Set<Socket>;
  /** Broadcasts of the database. */
  readonly messages: { readonly isStreaming: boolean };
  /** Changes of tables. */
  readonly changes: { subscribe(channel: Channel): Promise<void>; unsubscribe(channel: Channel): void };
  delay(ms: number): Promise<void>;
}
