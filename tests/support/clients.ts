import { createClient, type RealtimeClientOptions } from "@supabase/supabase-js";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";
import WebSocket from "ws";
import type { Database } from "../../client/sdk/src/contract/database.ts";

/** The stack that the tests of a project share; undefined in project `local`, whose tests start their own. */
const shared = inject("status");

/** The address and the public key of a stack. */
export interface Address {
  api_url: string;
  publishable_key: string;
}

export interface ClientOptions {
  /** Another stack than the shared one, or the shared one behind a proxy. */
  stack?: Address;
  /** Another key than the publishable one. */
  key?: string;
  /** Acts with this access token, without Auth of its own. */
  token?: string;
  realtime?: Omit<RealtimeClientOptions, "params">;
  /** Sends its requests in another way. */
  fetch?: typeof globalThis.fetch;
}

function settings({ token, realtime, fetch }: ClientOptions) {
  return {
    ...(token
      ? { accessToken: () => Promise.resolve(token) }
      : { auth: { persistSession: false, autoRefreshToken: false } }),
    // Node 20 has no WebSocket of its own.
    realtime: { transport: WebSocket as never, ...realtime },
    ...(fetch && { global: { fetch } }),
  };
}

/** A supabase-js client of schema `chat`; not signed in, unless a token is given. */
export function client(options: ClientOptions = {}) {
  const { stack = shared, key = stack.publishable_key } = options;
  return createClient<Database, "chat">(stack.api_url, key, { db: { schema: "chat" }, ...settings(options) });
}

/** A supabase-js client as an app creates it, of schema `public` and without types. */
export function appClient(options: ClientOptions = {}) {
  const { stack = shared, key = stack.publishable_key } = options;
  return createClient(stack.api_url, key, settings(options));
}

export type Client = ReturnType<typeof client>;
export type AppClient = ReturnType<typeof appClient>;

/** A connection as role `postgres`, which bypasses all policies: to inspect and to clean up. */
export function database({ db_url }: { db_url: string } = shared): Sql {
  return postgres(db_url, { max: 2, onnotice: () => {} });
}

/** The data of a response of supabase-js; throws its error. */
export async function dataOf<T>(call: PromiseLike<{ data: T; error: unknown }>): Promise<NonNullable<T>> {
  const { data, error } = await call;
  if (error) throw error;
  return data as NonNullable<T>;
}
