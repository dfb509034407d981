import { argon2Verify } from "hash-wasm";
import type postgres from "postgres";
import { AuthError, userBanned, validationFailed } from "./errors.ts";
import { newSession, type Session } from "./session.ts";
import type { AuthSettings } from "./settings.ts";
import type { UserRow } from "./users.ts";

type Row = UserRow & { encrypted_password: string | null };

/** The cost of bcrypt: each step doubles the time. Tests, which sign in thousands of times, set a low one. */
const COST = Number(Deno.env.get("PARLEY_PASSWORD_COST") ?? 10);
/** Matches no password, but takes as long to compare as the hash of an account. */
const DUMMY_HASH = `$2a$${String(COST).padStart(2, "0")}$Fl9GDw.SLAp5p8TL226iPuzrucqiOUolpwVbz90.wCvssfmrLlrrW`;
const invalid = () => new AuthError(400, "invalid_credentials", "Invalid login credentials");

/**
 * Signs in with a password. An unknown account gives the same response as a wrong password, after the same time.
 * @throws AuthError invalid_credentials, email_not_confirmed, user_banned, validation_failed
 */
export async function signInWithPassword(sql: postgres.Sql, settings: AuthSettings, body: object): Promise<Session> {
  const { email, phone, password } = body as { email?: unknown; phone?: unknown; password?: unknown };
  if (email && phone) {
    throw validationFailed("Only an email address or phone number should be provided on login.");
  }
  if (!email && !phone) throw validationFailed("missing email or phone");
  const [user] = email
    ? await sql<Row[]>`select * from auth.users where email = ${String(email).toLowerCase()} and not is_sso_user`
    : await sql<Row[]>`select * from auth.users where phone = ${String(phone).replace(/^\+/, "")} and not is_sso_user`;
  if (!await matches(sql, String(password ?? ""), user?.encrypted_password) || !user) throw invalid();
  if (user.banned_until && Date.parse(user.banned_until) > Date.now()) throw userBanned();
  if (email && !user.email_confirmed_at) throw new AuthError(400, "email_not_confirmed", "Email not confirmed");
  if (phone && !user.phone_confirmed_at) throw new AuthError(400, "phone_not_confirmed", "Phone not confirmed");
  return await sql.begin((sql) => newSession(sql, settings, user.id, "password"));
}

/** The hash of a new password. Postgres makes it, so that no other request has to wait. */
export const hashed = (sql: postgres.ISql, password: string) =>
  sql`extensions.crypt(${password}, extensions.gen_salt('bf', ${COST}::integer))`;

/** Postgres compares, for the same reason. It only knows these hashes by their oldest prefix. */
async function matches(sql: postgres.Sql, password: string, hash: string | null | undefined): Promise<boolean> {
  if (hash?.startsWith("$argon2")) return password !== "" && await argon2Verify({ password, hash });
  const known = hash?.replace(/^\$2[by]\$/, "$2a$") || DUMMY_HASH;
  const [{ same }] = await sql<[{ same: boolean }]>`select extensions.crypt(${password}, ${known}) = ${known} as same`;
  return same && Boolean(hash) && new TextEncoder().encode(password).length <= 72;
}
