import { SignJWT } from "jose";
import type postgres from "postgres";
import { AuthError, unexpectedFailure } from "./errors.ts";
import type { AuthSettings, TokenHook } from "./settings.ts";
import type { Sql, UserRow } from "./users.ts";

/** The columns of auth.sessions that a token needs. */
export interface SessionRow {
  id: string;
  user_id: string;
  created_at: string;
  refreshed_at: string | null;
  not_after: string | null;
}

type Claims = Record<string, unknown>;

/**
 * Signs an access token as the platform does: with its claims, after the project's hook has changed them.
 * @param method how the user signed in, such as `password` or `token_refresh`.
 * @throws AuthError the error of the hook, or unexpected_failure when it fails
 */
export async function accessToken(
  sql: Sql,
  settings: AuthSettings,
  user: UserRow,
  session: SessionRow,
  method: string,
): Promise<{ token: string; expiresAt: number }> {
  const now = Math.floor(Date.now() / 1000);
  const expiresAt = now + settings.jwtExpiry;
  const claims = {
    iss: settings.issuer,
    sub: user.id,
    aud: user.aud || "authenticated",
    exp: expiresAt,
    iat: now,
    email: user.email ?? "",
    phone: user.phone ?? "",
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    role: user.role || "authenticated",
    aal: "aal1",
    amr: await methodsOf(sql, session),
    session_id: session.id,
    is_anonymous: user.is_anonymous,
  };
  const hooked = settings.tokenHook ? await askHook(sql, settings.tokenHook, user, claims, method) : claims;
  const token = await new SignJWT(hooked)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(settings.keys.jwt_secret));
  return { token, expiresAt };
}

/** The sign-in methods of a session, the latest first. */
async function methodsOf(sql: Sql, session: SessionRow): Promise<{ method: string; timestamp: number }[]> {
  return [
    ...await sql<{ method: string; timestamp: number }[]>`
      select authentication_method as method, extract(epoch from updated_at)::int as timestamp
      from auth.mfa_amr_claims where session_id = ${session.id} order by updated_at desc`,
  ];
}

interface HookResult {
  claims?: Claims;
  error?: { http_code?: number; message?: string };
}

async function askHook(sql: Sql, hook: TokenHook, user: UserRow, claims: Claims, method: string): Promise<Claims> {
  const event = { user_id: user.id, claims, authentication_method: method, metadata: { name: "custom-access-token" } };
  const answer = await runHook(sql, hook, event).catch((error) => {
    console.error(`The hook ${hook.schema}.${hook.name} failed:`, error);
    throw unexpectedFailure(`Error running hook URI: pg-functions://postgres/${hook.schema}/${hook.name}`);
  });
  if (answer?.error) {
    throw new AuthError(answer.error.http_code ?? 500, "unexpected_failure", answer.error.message ?? "");
  }
  if (answer?.claims?.sub === user.id && typeof answer.claims.exp === "number") return answer.claims;
  throw unexpectedFailure("output claims do not conform to the expected schema");
}

async function runHook(sql: Sql, hook: TokenHook, event: object): Promise<HookResult | null> {
  const call = async (sql: postgres.TransactionSql) => {
    await sql`set local statement_timeout = '2s'`;
    const [row] = await sql<{ answer: HookResult | null }[]>`
      select ${sql(hook.schema)}.${sql(hook.name)}(${sql.json(event as postgres.JSONValue)}) as answer`;
    await sql`set local statement_timeout = default`;
    return row!.answer;
  };
  return await ("begin" in sql ? sql.begin(call) : sql.savepoint(call)) as HookResult | null;
}
