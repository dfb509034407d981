import { decodeJwt, SignJWT } from "jose";
import type postgres from "postgres";
import type { Keys } from "../keys.ts";
import { AuthError, userBanned } from "./errors.ts";
import type { Metadata } from "./users.ts";

/** What Auth answers to a sign-in. */
export interface Session extends Metadata {
  access_token: string;
  user: Metadata & { id: string };
}

const methods: Record<string, string> = { password: "password", id_token: "oauth", verify: "otp" };

/**
 * Completes a session that lite made: a banned user gets none, and the token carries the claims of the platform.
 * @throws AuthError user_banned
 */
export async function completeSession(sql: postgres.Sql, keys: Keys, issuer: string, session: Session, way: string) {
  const claims = decodeJwt(session.access_token);
  const [row] = await sql<{ banned: boolean }[]>`
    select coalesce(banned_until > now(), false) as banned from auth.users where id = ${session.user.id}`;
  if (row?.banned) {
    await sql`delete from auth.refresh_tokens where session_id = ${claims.session_id as string}`;
    await sql`delete from auth.sessions where id = ${claims.session_id as string}`;
    throw userBanned();
  }
  const { phone, app_metadata, user_metadata, is_anonymous } = session.user;
  const method = methods[way];
  const payload = {
    ...claims,
    iss: issuer,
    phone: phone ?? "",
    app_metadata,
    user_metadata,
    aal: "aal1",
    ...(method ? { amr: [{ method, timestamp: claims.iat }] } : {}),
    is_anonymous: is_anonymous ?? false,
  };
  const access_token = await new SignJWT(payload)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(keys.jwt_secret));
  return { ...session, access_token };
}

/**
 * A session for a user who proved who they are in a way that lite does not know: it redeems a one-time hash that only
 * this process has seen.
 */
export async function sessionFor(
  sql: postgres.Sql,
  lite: (request: Request) => Promise<Response>,
  request: Request,
  userId: string,
): Promise<Session> {
  const hash = crypto.getRandomValues(new Uint8Array(28)).toHex();
  await sql`update auth.users set recovery_token = ${hash}, recovery_sent_at = now() where id = ${userId}`;
  const response = await lite(
    new Request(new URL("/auth/v1/verify", request.url), {
      method: "POST",
      headers: { "apikey": request.headers.get("apikey") ?? "", "Content-Type": "application/json" },
      body: JSON.stringify({ type: "recovery", token_hash: hash }),
    }),
  );
  const body = await response.json();
  if (response.ok) return body;
  throw new AuthError(response.status, body.error_code ?? "unexpected_failure", body.msg ?? body.message);
}
