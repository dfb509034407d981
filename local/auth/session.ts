import type postgres from "postgres";
import { accessToken, type SessionRow } from "./access_token.ts";
import { userBanned } from "./errors.ts";
import type { AuthSettings } from "./settings.ts";
import { describeUser, findUser, type Metadata, type Sql, type UserRow } from "./users.ts";

/** The response to a sign-in. */
export interface Session extends Metadata {
  access_token: string;
  user: Metadata & { id: string };
}

/**
 * Creates a session.
 * @param method how the user signed in: `password`, `oauth`, `otp`, `anonymous`.
 * @throws AuthError user_banned
 */
export async function newSession(
  sql: postgres.TransactionSql,
  settings: AuthSettings,
  userId: string,
  method: string,
): Promise<Session> {
  const user = (await findUser(sql, userId))!;
  if (user.banned_until && Date.parse(user.banned_until) > Date.now()) throw userBanned();
  const [session] = await sql<[SessionRow]>`insert into auth.sessions (id, user_id, aal)
    values (${crypto.randomUUID()}, ${userId}, 'aal1') returning *`;
  await noteMethod(sql, session.id, method);
  const refreshToken = await newRefreshToken(sql, session);
  const [signedIn] = await sql<UserRow[]>`update auth.users set last_sign_in_at = now(), updated_at = now()
    where id = ${userId} returning *`;
  return await sessionResponse(sql, settings, signedIn!, session, refreshToken, method);
}

/**
 * Completes a session that lite created: a banned user gets none, and the token carries the claims of the platform.
 * @throws AuthError user_banned
 */
export async function completeSession(
  sql: postgres.Sql,
  settings: AuthSettings,
  { user: { id }, refresh_token, ...rest }: Session,
  method: string,
): Promise<Session> {
  // An anonymous user who has confirmed an address is no longer anonymous.
  await sql`update auth.users set is_anonymous = false where id = ${id} and is_anonymous and email is not null`;
  const [session] = await sql<SessionRow[]>`select sessions.* from auth.sessions
    join auth.refresh_tokens on session_id = sessions.id where token = ${refresh_token as string}`;
  const user = await findUser(sql, id);
  if (!session || !user || user.banned_until && Date.parse(user.banned_until) > Date.now()) {
    await sql`delete from auth.sessions where id = ${session?.id ?? null}`;
    throw userBanned();
  }
  await noteMethod(sql, session.id, method);
  const answer = await sessionResponse(sql, settings, user, session, refresh_token as string, method);
  return { ...rest, ...answer };
}

/** Creates a refresh token of the session; `parent` is the one it replaces. */
export async function newRefreshToken(sql: Sql, { id, user_id }: SessionRow, parent: string | null = null) {
  const token = randomToken();
  await sql`insert into auth.refresh_tokens (id, token, user_id, session_id, parent)
    values (${crypto.randomUUID()}, ${token}, ${user_id}, ${id}, ${parent})`;
  return token;
}

/** The tokens and the user, as the platform returns them. */
export async function sessionResponse(
  sql: Sql,
  settings: AuthSettings,
  user: UserRow,
  session: SessionRow,
  refreshToken: string,
  method: string,
): Promise<Session> {
  const { token, expiresAt } = await accessToken(sql, settings, user, session, method);
  return {
    access_token: token,
    token_type: "bearer",
    expires_in: settings.jwtExpiry,
    expires_at: expiresAt,
    refresh_token: refreshToken,
    user: await describeUser(sql, user) as Session["user"],
  };
}

async function noteMethod(sql: Sql, session: string, method: string): Promise<void> {
  await sql`insert into auth.mfa_amr_claims (id, session_id, authentication_method)
    values (${crypto.randomUUID()}, ${session}, ${method})
    on conflict (session_id, authentication_method) do update set updated_at = now()`;
}

const TOKEN_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Random letters with more than 128 bits. */
function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(64)).filter((byte) => byte < 4 * TOKEN_LETTERS.length);
  return [...bytes.slice(0, 24)].map((byte) => TOKEN_LETTERS[byte % TOKEN_LETTERS.length]).join("");
}
