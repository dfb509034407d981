import type postgres from "postgres";
import { completeSession, type Session } from "./session.ts";
import type { AuthSettings } from "./settings.ts";

/** Completes the session in a response of lite; returns any other response unchanged. */
export async function completed(
  response: Response,
  sql: postgres.Sql,
  settings: AuthSettings,
  method: string,
): Promise<Response> {
  if (!response.ok) return response;
  const body = await response.json();
  return Response.json(body.access_token ? await completeSession(sql, settings, body as Session, method) : body);
}

/** The same for tokens in the URL that a browser is redirected to. */
export async function redirected(
  response: Response,
  sql: postgres.Sql,
  settings: AuthSettings,
  method: string,
): Promise<Response> {
  const location = URL.parse(response.headers.get("location") ?? "");
  const fragment = new URLSearchParams(location?.hash.slice(1));
  const refresh_token = fragment.get("refresh_token");
  if (!location || !refresh_token) return response;
  const [owner] = await sql<{ user_id: string }[]>`
    select user_id from auth.refresh_tokens where token = ${refresh_token}`;
  const session = { refresh_token, access_token: "", user: { id: owner!.user_id } };
  const { access_token, expires_at } = await completeSession(sql, settings, session, method);
  fragment.set("access_token", access_token);
  fragment.set("expires_at", String(expires_at));
  location.hash = fragment.toString();
  const headers = new Headers(response.headers);
  headers.set("location", location.href);
  return new Response(null, { status: response.status, headers });
}
