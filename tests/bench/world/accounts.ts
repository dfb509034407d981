import type { Sql } from "postgres";
import type { Status } from "../../support/stack.ts";
import { address, PASSWORD, type Person, type World } from "./world.ts";

/** The account that all others are copied from; it is in no room. */
const model: Person = { id: "", username: "bench" };

/** Creates the accounts: one by registering, whose password hash all others get, since each hash takes a moment. */
export async function addAccounts(sql: Sql, status: Status, { people }: World): Promise<void> {
  await register(status);
  await copyAccounts(sql, people);
}

/** Creates accounts with the password of the model. */
export async function copyAccounts(sql: Sql, people: readonly Person[]): Promise<void> {
  const columns = sql`unnest(${people.map(({ id }) => id)}::uuid[], ${people.map(address)}::text[],
    ${people.map(({ username }) => username)}::text[]) as people (id, email, username)`;
  await sql`
    insert into auth.users (
      id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
      confirmation_token, recovery_token, email_change, email_change_token_new, created_at, updated_at
    )
    select people.id, aud, role, people.email, encrypted_password, now(), raw_app_meta_data,
      jsonb_build_object('username', people.username), '', '', '', '', now(), now()
    from auth.users as model, ${columns}
    where model.email = ${address(model)}`;
  await sql`
    insert into auth.identities (id, provider, provider_id, user_id, identity_data, created_at, updated_at)
    select gen_random_uuid(), 'email', people.id, people.id,
      jsonb_build_object('sub', people.id, 'email', people.email), now(), now()
    from ${columns}`;
}

async function register({ functions_url }: Status): Promise<void> {
  const response = await fetch(`${functions_url}/messenger/api/auth/register/`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: model.username, email: address(model), password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`Registering failed with ${response.status}: ${await response.text()}`);
}
