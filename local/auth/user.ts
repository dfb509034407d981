import { decodeJwt } from "jose";
import type postgres from "postgres";
import { validEmail } from "./email.ts";
import { AuthError, emailExists, validationFailed } from "./errors.ts";
import type { Given } from "./mails.ts";
import type { AuthSettings } from "./settings.ts";
import { describeUser, findUser, findUserByEmail, insertIdentity, type UserRow } from "./users.ts";

const DAY_S = 24 * 3600;

/**
 * Checks of an account change that lite lacks: a session older than a day needs a code from an email to set a password,
 * and an anonymous user without an address cannot have one.
 * @throws AuthError reauthentication_needed, reauthentication_not_valid, validation_failed
 */
export async function checkUserChange(request: Request, given: Given, sql: postgres.Sql, settings: AuthSettings) {
  if (typeof given?.email === "string" && given.email) validEmail(given.email);
  if (typeof given?.password !== "string" || given.password === "") return;
  const { sub, session_id } = claimsOf(request);
  const user = sub ? await findUser(sql, sub) : undefined;
  if (user?.is_anonymous && !given.email) {
    const why = "Updating password of an anonymous user without an email or phone is not allowed";
    throw validationFailed(why, 422);
  }
  if (!settings.securePasswordChange || !user) return;
  const [session] = await sql<{ age: number }[]>`
    select extract(epoch from now() - created_at)::float8 as age from auth.sessions where id = ${session_id ?? null}`;
  if (session && session.age > DAY_S) await redeemNonce(sql, user, given.nonce);
}

/** The claims of the caller; lite verifies the token afterwards. */
function claimsOf(request: Request): { sub?: string; session_id?: string } {
  const token = /^Bearer\s+(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  try {
    const { sub, session_id } = decodeJwt<{ session_id?: string }>(token);
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
    return uuid.test(sub ?? "") && uuid.test(session_id ?? "") ? { sub, session_id } : {};
  } catch {
    return {};
  }
}

async function redeemNonce(sql: postgres.Sql, { id, email }: UserRow, nonce: unknown): Promise<void> {
  if (!nonce) throw new AuthError(400, "reauthentication_needed", "Password update requires reauthentication");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${email}${nonce}`));
  const { count } = await sql`update auth.users set reauthentication_token = '' where id = ${id}
    and reauthentication_token = ${
    new Uint8Array(digest).toHex()
  } and reauthentication_sent_at > now() - interval '1 h'`;
  if (count === 0) throw new AuthError(422, "reauthentication_not_valid", "Nonce has expired or is invalid");
}

/** A new password ends all sessions but the one that has set it. */
export async function endOtherSessions(request: Request, sql: postgres.Sql): Promise<void> {
  const { sub = null, session_id = null } = claimsOf(request);
  await sql`delete from auth.refresh_tokens where user_id = ${sub} and session_id <> ${session_id}`;
  await sql`delete from auth.sessions where user_id = ${sub} and id <> ${session_id}`;
}

/** The user as lite returns it, completed. An anonymous user who has added an address is no longer anonymous. */
export async function userResponse(
  response: Response,
  given: Given,
  sql: postgres.Sql,
  { autoconfirm }: AuthSettings,
): Promise<Response> {
  if (!response.ok) return response;
  const body = await response.json();
  const user = body.id ? await findUser(sql, body.id) : undefined;
  if (!user?.is_anonymous) return Response.json(body);
  const row = autoconfirm && given?.email ? await keepAddress(sql, user, validEmail(String(given.email))) : user;
  return Response.json({ ...body, ...await describeUser(sql, row) });
}

/** As at sign-up: without confirmations the address counts at once. */
async function keepAddress(sql: postgres.Sql, { id }: UserRow, email: string): Promise<UserRow> {
  if (await findUserByEmail(sql, email)) throw emailExists();
  return await sql.begin(async (sql) => {
    const [row] = await sql<[UserRow]>`update auth.users set email = ${email}, email_confirmed_at = now(),
      email_change = '', email_change_token_new = '', is_anonymous = false,
      raw_app_meta_data = '{"provider": "email", "providers": ["email"]}' where id = ${id} returning *`;
    await insertIdentity(sql, id, "email", id, { sub: id, email, email_verified: false, phone_verified: false });
    return row;
  });
}
