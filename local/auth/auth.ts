import type postgres from "postgres";
import type { LiteSettings } from "../lite/settings.ts";
import { requireKey, requireService } from "./access.ts";
import { admin } from "./admin.ts";
import { checkBody, readObject } from "./body.ts";
import { AuthError, errorAnswer, unexpectedFailure } from "./errors.ts";
import { accountOf } from "./id_token.ts";
import { type IdTokenBody, type ProviderConfig, verifyIdToken } from "./provider_token.ts";
import { completeSession, type Session, sessionFor } from "./session.ts";

const failed = "Unexpected failure, please check server logs for more information";

type Handler = (request: Request) => Promise<Response>;

/** Auth as the platform's: lite, what it lacks, and its answers in the platform's shape. */
export function auth(lite: Handler, sql: postgres.Sql, settings: LiteSettings): Handler {
  const issuer = `${settings.apiUrl}/auth/v1`;
  const complete = (session: Session, way: string) => completeSession(sql, settings.keys, issuer, session, way);

  async function idToken(request: Request): Promise<Response> {
    requireKey(request, settings.keys);
    const body = await readObject(request.clone()) as IdTokenBody;
    const claims = await verifyIdToken(
      body,
      settings.auth.external?.[body.provider ?? ""] as ProviderConfig | undefined,
    );
    const account = await accountOf(sql, claims, settings.auth.enable_signup !== false);
    const session = await inTurn(account, () => sessionFor(sql, lite, request, account));
    return Response.json(await complete(session, "id_token"));
  }

  async function answer(request: Request, url: URL): Promise<Response> {
    if (url.pathname.startsWith("/auth/v1/admin/")) {
      await requireService(request, settings.keys);
      return admin.fetch(request, { sql });
    }
    const grant = url.pathname === "/auth/v1/token" ? url.searchParams.get("grant_type") : null;
    if (grant === "id_token" && request.method === "POST") return await idToken(request);
    const given = await checkBody(request);
    const response = await lite(request);
    if (response.status >= 500 && url.pathname === "/auth/v1/signup") throw await signupFailure(sql, given);
    if (response.status >= 400) return await refusal(request, response);
    const way = grant ?? url.pathname.split("/").at(-1)!;
    if (!["signup", "token", "verify"].some((end) => url.pathname === `/auth/v1/${end}`)) return response;
    if (request.method !== "POST") return response;
    const body = await response.json();
    return Response.json(body.access_token ? await complete(body, way === "signup" ? "password" : way) : body);
  }

  return async (request) => {
    try {
      return await answer(request, new URL(request.url));
    } catch (error) {
      if (error instanceof AuthError) return errorAnswer(request, error);
      console.error(error);
      return errorAnswer(request, unexpectedFailure(failed));
    }
  };
}

/** Two may sign up with the same address at once: one of them finds it taken only when their account is written. */
async function signupFailure(sql: postgres.Sql, given: unknown): Promise<AuthError> {
  const { email } = given as { email?: string };
  const [taken] = await sql`select from auth.users where email = ${email?.toLowerCase() ?? ""}`;
  if (taken) return new AuthError(422, "user_already_exists", "User already registered");
  return unexpectedFailure("Database error saving new user");
}

/** A refusal by lite in the shape of the API version asked for; what failed inside is not told. */
async function refusal(request: Request, response: Response): Promise<Response> {
  if (response.status >= 500) return errorAnswer(request, unexpectedFailure(failed));
  const text = await response.text();
  const { code: _, error_code, msg, ...details } = text.startsWith("{") ? JSON.parse(text) : {};
  if (!error_code) return new Response(text, { status: response.status, headers: response.headers });
  return errorAnswer(request, new AuthError(response.status, error_code, msg, details));
}

const turns = new Map<string, Promise<unknown>>();

/** One after the other for the same user, whose row has room for one hash. */
async function inTurn<T>(userId: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(userId) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(userId, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(userId) === mine) turns.delete(userId);
  }
}
