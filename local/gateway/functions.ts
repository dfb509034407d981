import { pathToFileURL } from "node:url";
import { entrypoint, type ProjectConfig } from "../base/config.ts";
import { type Keys, signingKeySet } from "../base/keys.ts";
import { log } from "../base/terminal.ts";
import { answer } from "./responses.ts";
import { behindJwt } from "./verify_jwt.ts";

/** The header that says what stands before an API's own paths; what a client sends in it is replaced. */
export const prefixHeader = "x-parley-prefix";

/** What a function's module exports by default. */
export interface EdgeFunction {
  fetch(request: Request): Response | Promise<Response>;
}

/** The Edge Functions that `config.toml` declares, in this process. */
export type Functions = Map<string, EdgeFunction>;

/** Gives functions what the runtime of the platform gives them, and loads them. */
export async function loadFunctions(config: ProjectConfig, { jwt_secret }: Keys): Promise<Functions> {
  Object.assign(globalThis, { EdgeRuntime: { waitUntil } });
  // On the platform it would end one worker; here it would end everything.
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error("A function left a rejected promise unhandled:", event.reason);
  });
  const enabled = Object.entries(config.functions).filter(([, { enabled }]) => enabled !== false);
  const loaded = enabled.map(async ([name, settings]): Promise<[string, EdgeFunction]> => {
    const edgeFunction = await load(name, pathToFileURL(entrypoint(name, settings)).href);
    return [name, settings.verify_jwt === false ? edgeFunction : behindJwt(edgeFunction, jwt_secret)];
  });
  return new Map(await Promise.all(loaded));
}

/** What functions do when no request waits for it. */
const background = new Set<Promise<unknown>>();

function waitUntil(promise: Promise<unknown>): Promise<unknown> {
  const work = promise.catch(() => {}).finally(() => background.delete(work));
  background.add(work);
  return promise;
}

/** Resolves when functions have ended what they do in the background, or after some time. */
export async function endBackground(ms = 10_000): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([Promise.all(background), late]).finally(() => clearTimeout(timer));
}

async function load(name: string, url: string): Promise<EdgeFunction> {
  try {
    const { default: module } = await import(url);
    if (typeof module?.fetch !== "function") throw new TypeError("it has no default export with fetch()");
    return module;
  } catch (error) {
    log(`The function ${name} does not start: ${(error as Error).stack ?? error}`);
    return { fetch: () => answer(503, "BOOT_ERROR", `The function ${name} failed to start; see the terminal.`) };
  }
}

/** Sets what the platform gives every Edge Function. */
export async function setEnvironment(keys: Keys, apiUrl: string, dbUrl: string): Promise<void> {
  const variables = {
    SUPABASE_URL: apiUrl,
    SUPABASE_DB_URL: dbUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable_key }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret_key }),
    SUPABASE_ANON_KEY: keys.anon_key,
    SUPABASE_SERVICE_ROLE_KEY: keys.service_role_key,
    SUPABASE_JWKS: await signingKeySet(keys),
    // Access tokens are signed with HS256 here, as in older projects.
    SUPABASE_JWT_SECRET: keys.jwt_secret,
    GATEWAY_PREFIX_HEADER: prefixHeader,
  };
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
}

/**
 * The request as the platform hands it to a function: its path begins with the function's name, and headers tell where
 * the client is and what stood before its path.
 */
export function asSeenByFunction(request: Request, outer: URL, path: string, info: Deno.ServeHandlerInfo): Request {
  const { method, body } = request;
  const url = `${outer.origin}${path}${outer.search}`;
  const headers = new Headers(request.headers);
  headers.set(prefixHeader, prefixOf(outer.pathname, path));
  // Like every hop it adds whom it was called by to what it was given, true or not.
  headers.append("x-forwarded-for", (info.remoteAddr as Deno.NetAddr).hostname);
  if (!headers.has("upgrade")) return new Request(url, { method, headers, body, signal: request.signal });
  // Only the request that came from the socket can be upgraded, so that one is given its new address.
  return Object.defineProperties(request, { url: { value: url }, headers: { value: headers } });
}

/** What stands before the API's own paths: `/functions/v1/messenger`, or nothing on a port of its own. */
function prefixOf(outer: string, path: string): string {
  const own = path.replace(/^\/[^/]+/, "");
  return outer.slice(0, outer.length - own.length);
}
