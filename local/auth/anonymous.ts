import type postgres from "postgres";
import { AuthError } from "./errors.ts";
import { newSession, type Session } from "./session.ts";
import type { AuthSettings } from "./settings.ts";
import { type Metadata, NIL } from "./users.ts";

/**
 * Creates an account without email or phone and signs in to it.
 * @throws AuthError signup_disabled, anonymous_provider_disabled
 */
export async function signInAnonymously(sql: postgres.Sql, settings: AuthSettings, data: unknown): Promise<Session> {
  if (!settings.signup) throw new AuthError(422, "signup_disabled", "Signups not allowed for this instance");
  if (!settings.anonymous) {
    throw new AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
  }
  const metadata = typeof data === "object" && data !== null && !Array.isArray(data) ? data as Metadata : {};
  return await sql.begin(async (sql) => {
    const id = crypto.randomUUID();
    await sql`insert into auth.users (instance_id, id, aud, role, is_anonymous, raw_app_meta_data, raw_user_meta_data)
      values (${NIL}, ${id}, 'authenticated', 'authenticated', true, '{}', ${
      sql.json(metadata as postgres.JSONValue)
    })`;
    return await newSession(sql, settings, id, "anonymous");
  });
}
