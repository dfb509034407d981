import { createClient } from "@supabase/supabase-js";
import type { Status } from "../support/stack.ts";

export interface NewPerson {
  id: string;
  email: string;
  password: string;
  token: string;
}

/** Creates an account, whose username is given, and signs it in. */
export async function newPerson(
  { api_url, publishable_key, secret_key }: Status,
  username: string,
): Promise<NewPerson> {
  const auth = { persistSession: false, autoRefreshToken: false };
  const account = { email: `${username}@bench.example`, password: crypto.randomUUID() };
  const made = await createClient(api_url, secret_key, { auth }).auth.admin.createUser({
    ...account,
    email_confirm: true,
    user_metadata: { username },
  });
  if (made.error) throw made.error;
  const { data, error } = await createClient(api_url, publishable_key, { auth }).auth.signInWithPassword(account);
  if (error) throw error;
  return { ...account, id: data.user.id, token: data.session.access_token };
}
