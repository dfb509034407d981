import type postgres from "postgres";

/** The columns of auth.users that are read or written here. */
export interface UserRow {
  id: string;
  aud: string;
  role: string;
  email: string | null;
  phone: string | null;
  email_confirmed_at: string | null;
  phone_confirmed_at: string | null;
  confirmed_at: string | null;
  last_sign_in_at: string | null;
  banned_until: string | null;
  deleted_at: string | null;
  raw_app_meta_data: Metadata;
  raw_user_meta_data: Metadata;
  is_anonymous: boolean;
  created_at: string;
  updated_at: string;
}

/** The only instance of a project: Auth finds users of no other. */
export const NIL = "00000000-0000-0000-0000-000000000000";

export type Metadata = Record<string, unknown>;

/** A connection or a transaction. */
export type Sql = postgres.Sql | postgres.TransactionSql;

interface IdentityRow {
  id: string;
  provider: string;
  provider_id: string;
  user_id: string;
  identity_data: Metadata;
  email: string | null;
  last_sign_in_at: string | null;
  created_at: string;
  updated_at: string;
}

/** The user as the Auth API returns it, with its identities. */
export async function describeUser(sql: Sql, row: UserRow): Promise<Metadata> {
  const identities = await sql<
    IdentityRow[]
  >`select * from auth.identities where user_id = ${row.id} order by created_at`;
  return {
    id: row.id,
    aud: row.aud,
    role: row.role,
    email: row.email ?? "",
    phone: row.phone ?? "",
    ...present(row, [
      "email_confirmed_at",
      "phone_confirmed_at",
      "confirmed_at",
      "last_sign_in_at",
      "banned_until",
      "deleted_at",
    ]),
    app_metadata: row.raw_app_meta_data ?? {},
    user_metadata: row.raw_user_meta_data ?? {},
    identities: identities.map(({ id, provider_id, ...identity }) => ({
      identity_id: id,
      id: provider_id,
      ...identity,
    })),
    created_at: row.created_at,
    updated_at: row.updated_at,
    is_anonymous: row.is_anonymous,
  };
}

export async function findUser(sql: Sql, id: string): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`select * from auth.users where id = ${id}`;
  return row;
}

/** The account of a lowercase address, except those of single sign-on. */
export async function findUserByEmail(sql: Sql, email: string): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`select * from auth.users where email = ${email} and not is_sso_user`;
  return row;
}

/** Adds an identity to an account. */
export async function insertIdentity(sql: Sql, userId: string, provider: string, providerId: string, data: Metadata) {
  await sql`insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at)
    values (${crypto.randomUUID()}, ${userId}, ${provider}, ${providerId}, ${
    sql.json(data as postgres.JSONValue)
  }, now())`;
}

/** Ends all sessions and deletes their refresh tokens. */
export async function endSessions(sql: Sql, userId: string): Promise<void> {
  await sql`delete from auth.refresh_tokens where user_id = ${userId}`;
  await sql`delete from auth.sessions where user_id = ${userId}`;
}

/** Merges the changes; null removes a key. */
export function mergeMetadata(before: Metadata | null, changes: Metadata = {}): Metadata {
  const merged = { ...before, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

function present<K extends keyof UserRow>(row: UserRow, names: K[]): Partial<UserRow> {
  return Object.fromEntries(names.filter((name) => row[name] !== null).map((name) => [name, row[name]])) as Partial<
    UserRow
  >;
}
