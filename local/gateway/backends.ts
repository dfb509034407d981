import type { Keys } from "../base/keys.ts";
import { forward } from "./forward.ts";
import type { Backend } from "./gateway.ts";
import { errorResponse } from "./responses.ts";

/** A program of the stack; its address is undefined while it is down. */
interface Program {
  origin: string | undefined;
}

const BROWSER = /^\s*Mozilla\s*\/\s*5\s*\.\s*0/i;
/** What browsers open without a key: links of mails, and the way back from a provider. */
const OPEN_PATHS = /^\/auth\/v1\/(verify|callback|authorize|\.well-known\/.*)$/;

/** lite, which knows the project's keys. */
export function liteBackend(lite: Program): Backend {
  return {
    ask: (request, { pathname, search }, from) =>
      lite.origin ? forward(request, `${lite.origin}${pathname}${search}`, from) : undefined,
  };
}

/** Supabase Auth, which knows only tokens: the gateway checks the project's key and puts a token in its place. */
export function gotrueBackend(gotrue: Program, keys: Keys): Backend {
  return {
    ask(request, url, from) {
      if (!gotrue.origin) return undefined;
      const path = url.pathname.slice("/auth/v1".length);
      const checked = checkKey(request, url, keys);
      return checked instanceof Response
        ? Promise.resolve(checked)
        : forward(checked, `${gotrue.origin}${path}${url.search}`, from);
    },
  };
}

function checkKey(request: Request, url: URL, keys: Keys): Request | Response {
  const headers = new Headers(request.headers);
  // Auth counts attempts by the first address: this one only the gateway knows.
  headers.delete("x-forwarded-for");
  const key = headers.get("apikey") ?? url.searchParams.get("apikey");
  if (key !== keys.secret_key) headers.delete("sb-forwarded-for");
  if (key === null && OPEN_PATHS.test(url.pathname)) return new Request(request, { headers });
  const token = tokenOf(key, keys);
  if (!token) return unauthorized(key === null ? "No API key found in request" : "Invalid API key");
  if (token === keys.service_role_key && BROWSER.test(headers.get("user-agent") ?? "")) {
    return unauthorized("Forbidden use of secret API key in browser");
  }
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (!bearer || bearer === key || bearer.startsWith("sb_")) headers.set("authorization", `Bearer ${token}`);
  return new Request(request, { headers });
}

/** The legacy key that is equivalent to a key. */
function tokenOf(key: string | null, keys: Keys): string | undefined {
  if (key === keys.publishable_key || key === keys.anon_key) return keys.anon_key;
  if (key === keys.secret_key || key === keys.service_role_key) return keys.service_role_key;
}

function unauthorized(message: string): Response {
  return errorResponse(401, "no_authorization", message);
}
