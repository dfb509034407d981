import type { SupabaseClient } from "@supabase/supabase-js";
import { type Address, type Client, client } from "./clients.ts";

/** A user of Supabase Auth, with the tokens of the first session. */
export interface Account {
  id: string;
  username: string;
  email: string;
  password: string;
  token: string;
  refresh: string;
}

/** A user with a client that is signed in. */
export interface User extends Account {
  supabase: Client;
}

/** A name that no other test uses. */
export const uniqueName = (name: string) => `${name}-${crypto.randomUUID().slice(0, 8)}`;

export const addressOf = (username: string) => `${username}@example.com`;

/** Signs a user up with a client, under a unique name that begins with `name`. */
// deno-lint-ignore no-explicit-any
export async function signUp(supabase: SupabaseClient<any, any, any>, name: string): Promise<Account> {
  const username = uniqueName(name);
  const [email, password] = [addressOf(username), crypto.randomUUID()];
  const { data, error } = await supabase.auth.signUp({ email, password, options: { data: { username } } });
  if (error || !data.session) throw error ?? new Error("Sign-up returned no session.");
  const { access_token: token, refresh_token: refresh } = data.session;
  return { id: data.session.user.id, username, email, password, token, refresh };
}

/** Signs a user up on the shared stack, or on another. */
export async function newUser(name: string, stack?: Address): Promise<User> {
  const supabase = client({ stack });
  return { ...await signUp(supabase, name), supabase };
}
