import { createClient } from "@supabase/supabase-js";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";
import ws from "ws";
import type { Database } from "../client/sdk/src/contract/database.ts";

const status = inject("status");

/** A supabase-js client of schema `chat`, not signed in. */
export function client(key: string = status.publishable_key) {
  return createClient<Database, "chat">(status.api_url, key, {
    db: { schema: "chat" },
    auth: { persistSession: false, autoRefreshToken: false },
    // Node 20 has no WebSocket of its own.
    realtime: { transport: ws as never },
  });
}

export type Client = ReturnType<typeof client>;

/** A client of a person who has just signed up, under a name that nobody else has. */
export async function newPerson(name: string): Promise<{ id: string; username: string; supabase: Client }> {
  const username = `${name}-${crypto.randomUUID().slice(0, 8)}`;
  const supabase = client();
  const { data, error } = await supabase.auth.signUp({
    email: `${username}@example.com`,
    password: crypto.randomUUID(),
    options: { data: { username } },
  });
  if (error || !data.user) throw error ?? new Error("Sign-up answered no user.");
  return { id: data.user.id, username, supabase };
}

/** A connection as role `postgres`, past all policies: to look, and to clean up. */
export function database(): Sql {
  return postgres(status.db_url, { max: 2, onnotice: () => {} });
}
