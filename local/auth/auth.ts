import type postgres from "postgres";
import { withinDepth } from "../lite/depth.ts";
import type { LiteSettings } from "../lite/settings.ts";
import { requireKey, requireService } from "./access.ts";
import { admin } from "./admin.ts";
import { signInAnonymously } from "./anonymous.ts";
import { checkBody, readObject } from "./body.ts";
import { validEmail } from "./email.ts";
import { AuthError, errorResponse, unexpectedFailure, userExists } from "./errors.ts";
import { accountOf } from "./id_token.ts";
import { Limit } from "./limits.ts";
import { type Given, mail, signedUpAlready } from "./mails.ts";
import { signInWithPassword } from "./password.ts";
import { type IdTokenBody, type ProviderConfig, verifyIdToken } from "./provider_token.ts";
import { completed, redirected } from "./redirects.ts";
import { refresh } from "./refresh.ts";
import { newSession, type Session } from "./session.ts";
import { type AuthSettings, authSettings } from "./settings.ts";
import { checkUserChange, endOtherSessions, userResponse } from "./user.ts";

const UNEXPECTED_FAILURE = "Unexpected failure, please check server logs for more information";

type Handler = (request: Request) => Promise<Response>;

/** Auth as on the platform: lite, what it lacks, and its responses in the platform's format. */
export function auth(lite: Handler, sql: postgres.Sql, liteSettings: LiteSettings): Handler {
  const settings = authSettings(liteSettings);
  const parts: Parts = {
    lite,
    sql,
    settings,
    limits: { token: new Limit(settings.rateLimit.token), verify: new Limit(settings.rateLimit.verify) },
  };
  return async (request) => {
    try {
      const checked = await withinDepth(request);
      if ("tooDeep" in checked) throw new AuthError(400, "bad_json", `The ${checked.tooDeep} is nested too deep`);
      return await route(checked.request, new URL(request.url), parts);
    } catch (error) {
      if (error instanceof AuthError) return errorResponse(request, error);
      console.error(error);
      return errorResponse(request, unexpectedFailure(UNEXPECTED_FAILURE));
    }
  };
}

interface Parts {
  lite: Handler;
  sql: postgres.Sql;
  settings: AuthSettings;
  limits: { token: Limit; verify: Limit };
}

async function route(request: Request, url: URL, parts: Parts): Promise<Response> {
  const { sql, settings, limits } = parts;
  const path = url.pathname.slice("/auth/v1/".length);
  if (path.startsWith("admin/")) {
    await requireService(request, settings.keys);
    return admin.fetch(request, { sql, settings });
  }
  const given = await checkBody(request) as Given;
  const address = limitedAddress(request, settings);
  if (request.method === "POST" && path === "token") {
    return await limits.token.guard(address, () => refusable(request, () => token(request, url, parts)));
  }
  if (path === "verify") return await limits.verify.guard(address, () => verify(request, url, parts));
  if (path === "callback") return await redirected(await passOn(request, parts), sql, settings, "oauth");
  if (path === "user") return await user(request, given, parts);
  if (request.method !== "POST") return await passOn(request, parts);
  if (path === "signup") return await signUp(request, given, parts);
  // The old name.
  if (path === "magiclink") url.pathname = "/auth/v1/otp";
  if (["otp", "magiclink", "recover", "resend"].includes(path)) {
    const asked = new Request(url, request);
    return await mail(given, settings, url.pathname, (body) => passOn(asked, parts, body));
  }
  return await passOn(request, parts);
}

/** The address that the limits count; none for the service, which counts wrong passwords itself. */
function limitedAddress(request: Request, { keys }: AuthSettings): string | undefined {
  const apikey = request.headers.get("apikey");
  if (apikey === keys.secret_key || apikey === keys.service_role_key) return undefined;
  return request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim();
}

/** The grants of `token`: `password`, `refresh_token`, `id_token`; lite handles the others. */
async function token(request: Request, url: URL, parts: Parts): Promise<Response> {
  const { sql, settings } = parts;
  const grant = url.searchParams.get("grant_type");
  requireKey(request, settings.keys);
  if (grant === "pkce") return await completed(await passOn(request, parts), sql, settings, "oauth");
  if (!["password", "refresh_token", "id_token"].includes(grant ?? "")) return await passOn(request, parts);
  const body = await readObject(request);
  if (grant === "password") return Response.json(await signInWithPassword(sql, settings, body));
  if (grant === "refresh_token") {
    return Response.json(await refresh(sql, settings, (body as { refresh_token?: unknown }).refresh_token));
  }
  return Response.json(await idToken(body, sql, settings));
}

async function idToken(body: IdTokenBody, sql: postgres.Sql, settings: AuthSettings): Promise<Session> {
  const claims = await verifyIdToken(body, settings.external[body.provider ?? ""] as ProviderConfig | undefined);
  const account = await accountOf(sql, claims, settings.signup);
  return await sql.begin((sql) => newSession(sql, settings, account, "oauth"));
}

async function verify(request: Request, url: URL, parts: Parts): Promise<Response> {
  const { sql, settings } = parts;
  if (request.method !== "POST") {
    // An invitation is handled like a registration.
    if (url.searchParams.get("type") === "invite") url.searchParams.set("type", "signup");
    return await redirected(await passOn(new Request(url, request), parts), sql, settings, "otp");
  }
  const body = await readObject(request.clone()) as { type?: string };
  const type = { invite: "signup", email: "magiclink" }[body.type ?? ""] ?? body.type;
  return await completed(await passOn(request, parts, { ...body, type }), sql, settings, "otp");
}

async function signUp(request: Request, given: Given, parts: Parts): Promise<Response> {
  const { sql, settings } = parts;
  requireKey(request, settings.keys);
  const { email, phone, data } = given ?? {};
  if (given && !email && !phone) return Response.json(await signInAnonymously(sql, settings, data));
  if (typeof email === "string") validEmail(email);
  const response = await passOn(request, parts).catch(async (error) => {
    throw error instanceof AuthError ? error : await signupFailure(sql, given);
  });
  if (response.status >= 500) throw await signupFailure(sql, given);
  const refused = await signedUpAlready(response.clone(), given, sql, settings);
  return refused ?? await completed(response, sql, settings, "password");
}

/** Two users may sign up with the same address at once: one of them fails only when the account is written. */
async function signupFailure(sql: postgres.Sql, given: Given): Promise<AuthError> {
  const [taken] = await sql`select from auth.users where email = ${String(given?.email ?? "").toLowerCase()}`;
  return taken ? userExists() : unexpectedFailure("Database error saving new user");
}

async function user(request: Request, given: Given, parts: Parts): Promise<Response> {
  const { sql, settings } = parts;
  if (request.method === "PUT") await checkUserChange(request, given, sql, settings);
  const response = await passOn(request, parts);
  if (request.method === "PUT" && response.ok && given?.password) await endOtherSessions(request, sql);
  return await userResponse(response, given, sql, settings);
}

/** The response of lite, with errors in the format of the requested API version. Internal errors stay hidden. */
async function passOn(request: Request, { lite }: Parts, body?: object): Promise<Response> {
  const sent = body ? new Request(request, { body: JSON.stringify(body) }) : request;
  const response = await lite(sent);
  if (response.status < 400) return response;
  if (response.status >= 500) return errorResponse(request, unexpectedFailure(UNEXPECTED_FAILURE));
  const text = await response.text();
  // lite answers a path that it does not know in words, which clients report as invalid JSON.
  if (response.status === 404 && !text.startsWith("{")) {
    throw new AuthError(404, "not_found", "There is no such endpoint here");
  }
  const { code: _, error_code, msg, ...details } = text.startsWith("{") ? JSON.parse(text) : {};
  if (!error_code) return new Response(text, { status: response.status, headers: response.headers });
  return errorResponse(request, new AuthError(response.status, error_code, msg, details));
}

/** Turns an AuthError into a response, so that the limit counts it. */
async function refusable(request: Request, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthError) return errorResponse(request, error);
    throw error;
  }
}
