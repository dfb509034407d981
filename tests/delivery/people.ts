import { createClient } from "@supabase/supabase-js";
import WebSocket from "ws";
import type { Database } from "../../client/sdk/src/contract/database.ts";

/** Where a stack answers. */
export interface Place {
  api_url: string;
  publishable_key: string;
}

/** A supabase-js client for each call: its own socket, with a token of somebody. */
export function connect({ api_url, publishable_key }: Place, token: string) {
  const sockets: WebSocket[] = [];
  // Node 20 has no WebSocket of its own; this one can be cut off.
  class Transport extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  const supabase = createClient<Database, "chat">(api_url, publishable_key, {
    db: { schema: "chat" },
    accessToken: () => Promise.resolve(token),
    realtime: { transport: Transport as never },
  });
  return {
    supabase,
    /** Destroys the socket without a word. */
    cut: () => sockets.at(-1)?.terminate(),
    async close() {
      await supabase.removeAllChannels();
      await supabase.realtime.disconnect();
    },
  };
}

export type Connection = ReturnType<typeof connect>;

export interface Person {
  id: string;
  name: string;
  token: string;
}

/** Somebody who has just signed up. */
export async function newPerson({ api_url, publishable_key }: Place, name: string): Promise<Person> {
  const username = `${name}-${crypto.randomUUID().slice(0, 8)}`;
  const { auth } = createClient(api_url, publishable_key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  });
  const { data, error } = await auth.signUp({
    email: `${username}@example.com`,
    password: crypto.randomUUID(),
    options: { data: { username } },
  });
  if (error || !data.session) throw error ?? new Error("Sign-up answered no session.");
  return { id: data.session.user.id, name, token: data.session.access_token };
}

/** What a call answered. */
export async function answer<T>(call: PromiseLike<{ data: T; error: unknown }>): Promise<NonNullable<T>> {
  const { data, error } = await call;
  if (error) throw error;
  return data as NonNullable<T>;
}
