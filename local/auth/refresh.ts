import type postgres from "postgres";
import type { SessionRow } from "./access_token.ts";
import { AuthError, validationFailed } from "./errors.ts";
import { newRefreshToken, type Session, sessionResponse } from "./session.ts";
import type { AuthSettings } from "./settings.ts";
import { findUser } from "./users.ts";

interface TokenRow {
  token: string;
  session_id: string;
  parent: string | null;
  revoked: boolean;
  /** Seconds since its last use. */
  age: number;
}

const refused = (code: string, why: string) => new AuthError(400, code, `Invalid Refresh Token: ${why}`);

/**
 * Exchanges a refresh token for new tokens. Parallel requests, and a client that lost the response, receive the same
 * new one; an older token may have been stolen, so it ends the session.
 * @throws AuthError refresh_token_not_found, refresh_token_already_used, session_expired, user_banned
 */
export async function refresh(sql: postgres.Sql, settings: AuthSettings, token: unknown): Promise<Session> {
  if (typeof token !== "string" || token === "") throw validationFailed("refresh_token required");
  // Thrown after the transaction, so that revocations are committed.
  const answer = await sql.begin((sql) => exchange(sql, settings, token));
  if (answer instanceof AuthError) throw answer;
  return answer;
}

async function exchange(
  sql: postgres.TransactionSql,
  settings: AuthSettings,
  token: string,
): Promise<Session | AuthError> {
  const [session] = await sql<SessionRow[]>`select * from auth.sessions
    where id = (select session_id from auth.refresh_tokens where token = ${token}) for update`;
  const [used] = await sql<TokenRow[]>`select *, extract(epoch from clock_timestamp() - updated_at)::float8 as age
    from auth.refresh_tokens where token = ${token}`;
  if (!session || !used) return refused("refresh_token_not_found", "Refresh Token Not Found");
  const user = (await findUser(sql, session.user_id))!;
  if (user.banned_until && Date.parse(user.banned_until) > Date.now()) return refused("user_banned", "User Banned");
  if (hasEnded(session, settings)) return refused("session_expired", "Session Expired");
  const next = await nextOf(sql, settings, session, used);
  if (!next) return refused("refresh_token_already_used", "Already Used");
  await sql`update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now() where id = ${session.id}`;
  return await sessionResponse(sql, settings, user, session, next, "token_refresh");
}

/** The next refresh token; undefined for a reused one, which ends its session. */
async function nextOf(
  sql: postgres.TransactionSql,
  settings: AuthSettings,
  session: SessionRow,
  used: TokenRow,
): Promise<string | undefined> {
  if (used.revoked) {
    const [active] = await sql<TokenRow[]>`select * from auth.refresh_tokens
      where session_id = ${session.id} and not revoked order by created_at desc limit 1`;
    if (active?.parent === used.token) return active.token;
    if (used.age > settings.reuseInterval) {
      if (settings.rotation) {
        // In the past, so that none of them is within the interval.
        await sql`update auth.refresh_tokens set revoked = true, updated_at = 'epoch' where session_id = ${session.id}`;
      }
      return undefined;
    }
  } else {
    await sql`update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp() where token = ${used.token}`;
  }
  return await newRefreshToken(sql, session, used.token);
}

function hasEnded({ created_at, refreshed_at }: SessionRow, { timebox, inactivityTimeout }: AuthSettings): boolean {
  const since = (time: string) => (Date.now() - Date.parse(time)) / 1000;
  return since(created_at) > timebox || since(refreshed_at ? `${refreshed_at}Z` : created_at) > inactivityTimeout;
}
