import type postgres from "postgres";
import type { UserBody } from "./admin_body.ts";
import { AuthError, emailExists, unexpectedFailure, validationFailed } from "./errors.ts";
import { hashed } from "./password.ts";
import { describeUser, endSessions, insertIdentity, mergeMetadata, type Metadata, NIL, type UserRow } from "./users.ts";

const json = (sql: postgres.TransactionSql, value: Metadata) => sql.json(value as postgres.JSONValue);

/**
 * Creates an account without sending an email.
 * @throws AuthError validation_failed, email_exists, phone_exists, user_already_exists
 */
export function createUser(sql: postgres.Sql, body: UserBody): Promise<Metadata> {
  if (!body.email && !body.phone) {
    throw validationFailed("Cannot create a user without either an email or phone");
  }
  const providers = [...(body.email ? ["email"] : []), ...(body.phone ? ["phone"] : [])];
  return written("Database error creating new user", () =>
    sql.begin(async (sql) => {
      const id = body.id ?? crypto.randomUUID();
      const user = mergeMetadata(body.user_metadata ?? {}, body.email_confirm ? { email_verified: true } : {});
      const app = mergeMetadata({ provider: providers[0], providers }, body.app_metadata ?? {});
      const [row] = await sql<UserRow[]>`insert into auth.users
          (instance_id, id, aud, role, email, phone, encrypted_password, email_confirmed_at, phone_confirmed_at, banned_until,
          raw_app_meta_data, raw_user_meta_data)
        values (${NIL}, ${id}, 'authenticated', ${body.role || "authenticated"}, ${body.email || null}, ${
        body.phone || null
      },
          ${hashOf(sql, body)}, ${nowIf(sql, body.email_confirm)}, ${nowIf(sql, body.phone_confirm)},
          now() + ${body.bannedFor ?? null} * interval '1 second', ${json(sql, app)}, ${json(sql, user)})
        returning *`;
      if (body.email) await insertIdentity(sql, id, "email", id, emailIdentity(id, body.email, body.email_confirm));
      return describeUser(sql, row!);
    }));
}

/**
 * Updates the given fields; a new password ends all sessions.
 * @throws AuthError email_exists, phone_exists
 */
export function updateUser(sql: postgres.Sql, user: UserRow, body: UserBody): Promise<Metadata> {
  return written("Error updating user", () =>
    sql.begin(async (sql) => {
      // First, as on the platform: triggers on the address can then see the identity.
      if (body.email && body.email !== user.email) await changeEmailIdentity(sql, user.id, body);
      const [row] = await sql<UserRow[]>`update auth.users set
          email = ${body.email ?? user.email},
          phone = ${body.phone ?? user.phone},
          role = ${body.role || user.role},
          encrypted_password = coalesce(${hashOf(sql, body)}, encrypted_password),
          email_confirmed_at = coalesce(email_confirmed_at, ${nowIf(sql, body.email_confirm)}),
          phone_confirmed_at = coalesce(phone_confirmed_at, ${nowIf(sql, body.phone_confirm)}),
          banned_until = ${bannedUntil(sql, body)},
          raw_app_meta_data = ${json(sql, mergeMetadata(user.raw_app_meta_data, body.app_metadata ?? {}))},
          raw_user_meta_data = ${json(sql, mergeMetadata(user.raw_user_meta_data, body.user_metadata ?? {}))},
          updated_at = now()
        where id = ${user.id} returning *`;
      if (body.password || body.password_hash) await endSessions(sql, user.id);
      return describeUser(sql, row!);
    }));
}

function hashOf(sql: postgres.TransactionSql, { password, password_hash }: UserBody) {
  return password ? hashed(sql, password) : sql`${password_hash ?? null}::text`;
}

function nowIf(sql: postgres.TransactionSql, isTrue: boolean | null | undefined) {
  return isTrue ? sql`now()` : sql`null::timestamptz`;
}

function bannedUntil(sql: postgres.TransactionSql, { bannedFor }: UserBody) {
  return bannedFor === undefined ? sql`banned_until` : sql`now() + ${bannedFor} * interval '1 second'`;
}

function emailIdentity(id: string, email: string, isVerified?: boolean | null): Metadata {
  return { sub: id, email, email_verified: isVerified ?? false, phone_verified: false };
}

async function changeEmailIdentity(sql: postgres.TransactionSql, id: string, body: UserBody): Promise<void> {
  const data = emailIdentity(id, body.email!, body.email_confirm);
  await sql`update auth.identities set identity_data = identity_data || ${json(sql, data)}, updated_at = now()
    where user_id = ${id} and provider = 'email'`;
}

/** Turns errors of Postgres into those of Auth; the original message only goes to the log. */
async function written<T>(failure: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { constraint_name: constraint, code } = error as postgres.PostgresError;
    if (constraint === "users_email_partial_key") throw emailExists();
    if (constraint === "users_phone_key") throw new AuthError(422, "phone_exists", "Phone number already registered");
    if (constraint === "users_pkey") throw new AuthError(422, "user_already_exists", "User already exists");
    if (code === undefined || error instanceof AuthError) throw error;
    console.error(error);
    throw unexpectedFailure(failure);
  }
}
