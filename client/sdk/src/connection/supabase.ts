import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../contract/database.ts";

/** A supabase-js client, for any schema. */
export type Supabase =
  & Pick<
    SupabaseClient,
    "auth" | "realtime" | "storage" | "functions" | "channel" | "removeChannel"
  >
  & {
    // deno-lint-ignore no-explicit-any
    schema(name: any): any;
  };

/** The tables and functions of the schema `chat`. */
export type Db = Pick<SupabaseClient<Database, "chat">, "from" | "rpc">;

/** The response to a call of the Data API. */
export interface Answer<T> {
  data: T;
  error: { code?: string; message?: string; details?: string | null } | null;
  status: number;
}

/** A call of the Data API. */
export interface Call<T> extends PromiseLike<Answer<T>> {
  abortSignal(signal: AbortSignal): PromiseLike<Answer<T>>;
}
