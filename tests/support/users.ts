import type { SupabaseClient } from "@supabase/supabase-js";
import bcrypt from "bcryptjs";
import { inject } from "vitest";
import { type Address, type Client, client } from "./clients.ts";

/** A stack, with the key that makes accounts. */
export type Service = Address & { secret_key: string };

const shared: Service = inject("status");

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

// To hash a password takes a tenth of a second of the processor: all have the same one, by the cheapest hash of it.
const PASSWORD = "correct horse battery staple";
const HASH = bcrypt.hashSync(PASSWORD, 4);

/** Creates an account without a session, under a unique name that begins with `name`. */
export async function newAccount(name: string, stack: Service): Promise<Omit<Account, "token" | "refresh">> {
  const username = uniqueName(name);
  const email = addressOf(username);
  const { data, error } = await client({ stack, key: stack.secret_key }).auth.admin.createUser({
    email,
    password_hash: HASH,
    email_confirm: true,
    user_metadata: { username },
  });
  if (error) throw error;
  return { id: data.user.id, username, email, password: PASSWORD };
}

/** Creates an account, and signs in with a client. */
// deno-lint-ignore no-explicit-any
export async function signUp(supabase: SupabaseClient<any, any, any>, name: string, stack = shared): Promise<Account> {
  const account = await newAccount(name, stack);
  const { data, error } = await supabase.auth.signInWithPassword(account);
  if (error) throw error;
  return { ...account, token: data.session.access_token, refresh: data.session.refresh_token };
}

/** Creates a user on the shared stack, or on another. */
export async function newUser(name: string, stack: Service = shared): Promise<User> {
  const supabase = client({ stack });
  return { ...await signUp(supabase, name, stack), supabase };
}
