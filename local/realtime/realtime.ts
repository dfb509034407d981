import type { Keys } from "../base/keys.ts";
import { withCors } from "../gateway/cors.ts";
import { Policies } from "./access/policies.ts";
import { Pool } from "./access/pool.ts";
import { Tokens } from "./access/tokens.ts";
import { Changes } from "./changes/changes.ts";
import type { Server } from "./channels/server.ts";
import type { Socket } from "./channels/socket.ts";
import { Topics } from "./channels/topics.ts";
import { DatabaseBroadcasts } from "./database_broadcasts.ts";
import { shakeHands } from "./handshake.ts";
import { handleApi } from "./http/api.ts";
import { Rate } from "./limits/rate.ts";
import { readSettings, type Settings } from "./limits/settings.ts";

const SWEEP_MS = 5_000;

/** A Realtime server for unmodified supabase-js clients: its parts, and how they start and stop. */
export class Realtime implements Server {
  readonly tokens: Tokens;
  readonly topics: Topics;
  readonly joins: Rate;
  readonly pool: Pool;
  readonly policies: Policies;
  readonly messages: DatabaseBroadcasts;
  readonly changes: Changes;
  readonly sockets = new Set<Socket>();
  readonly unjoined = new Set<Socket>();
  #sweep: ReturnType<typeof setInterval> | undefined;

  /** `dbUrl` is that of the superuser: the server's role on the platform has similar privileges. */
  constructor(keys: Keys, dbUrl: string, readonly settings: Settings = readSettings()) {
    this.tokens = new Tokens(keys);
    this.topics = new Topics(settings);
    this.joins = new Rate(settings.maxJoinsPerSecond, 1_000);
    this.pool = new Pool(dbUrl, settings);
    this.policies = new Policies(this.pool);
    this.messages = new DatabaseBroadcasts(dbUrl, this.topics, settings);
    this.changes = new Changes(dbUrl, this);
  }

  /** Resolves when everything committed from then on will be delivered. */
  async start(): Promise<void> {
    await this.messages.start();
    this.#sweep = setInterval(() => this.#closeIdle(), SWEEP_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    for (const socket of this.sockets) socket.close(1001);
    await Promise.all([this.messages.stop(), this.changes.stop(), this.pool.end()]);
  }

  /** Handles requests to `/realtime/v1`; `path` is the rest of the path. */
  async handle(request: Request, path: string): Promise<Response> {
    if (path === "/websocket") return await shakeHands(this, request);
    return withCors(await handleApi(this, request, path));
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  #closeIdle(): void {
    const oldest = Date.now() - this.settings.idleMs;
    for (const socket of this.sockets) if (socket.lastHeard < oldest) socket.close();
    const late = Date.now() - this.settings.joinWithinMs;
    for (const socket of this.unjoined) if (socket.opened < late) socket.close(1008, "Nothing was joined.");
  }
}
