import { pathToFileURL } from "node:url";
import { entrypoint, type ProjectConfig } from "../base/config.ts";
import { type Keys, signingKeySet } from "../base/keys.ts";
import { log } from "../base/terminal.ts";
import { errorResponse } from "./responses.ts";
import { behindJwt } from "./verify_jwt.ts";

/** The header with the prefix of an API's paths; a value sent by the client is replaced. */
export const PREFIX_HEADER = "x-parley-prefix";

/** The default export of a function's module. */
export interface EdgeFunction {
  fetch(request: Request): Response | Promise<Response>;
}

/** The Edge Functions of `config.toml`, loaded into this process. */
export type Functions = Map<string, EdgeFunction>;

/** Sets up the globals of the platform's runtime and loads the functions. */
export async function loadFunctions(
  config: ProjectConfig,
  { jwt_secret }: Pick<Keys, "jwt_secret">,
): Promise<Functions> {
  Object.assign(globalThis, { EdgeRuntime: { waitUntil } });
  // On the platform it would end one worker; here it would end the whole stack.
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error("A function left a rejected promise unhandled:", event.reason);
  });
  const loaded = enabledFunctions(config).map(async ([name, settings]): Promise<[string, EdgeFunction]> => {
    const edgeFunction = await load(name, pathToFileURL(entrypoint(name, settings)).href);
    return [name, settings.verify_jwt === false ? edgeFunction : behindJwt(edgeFunction, jwt_secret)];
  });
  return new Map(await Promise.all(loaded));
}

/** The functions that `config.toml` does not switch off. */
export const enabledFunctions = (config: ProjectConfig) =>
  Object.entries(config.functions).filter(([, { enabled }]) => enabled !== false);

/** Work that functions continue after their response. */
const background = new Set<Promise<unknown>>();

function waitUntil(promise: Promise<unknown>): Promise<unknown> {
  const work = promise.catch(() => {}).finally(() => background.delete(work));
  background.add(work);
  return promise;
}

/** Resolves when the background work of functions has ended, or after a timeout. */
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
    return { fetch: () => errorResponse(503, "BOOT_ERROR", `The function ${name} failed to start; see the terminal.`) };
  }
}

/** Sets the environment variables that the platform gives every Edge Function. */
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
    GATEWAY_PREFIX_HEADER: PREFIX_HEADER,
  };
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
}

/**
 * The request as the platform passes it to a function: its path begins with the function's name, and headers carry the
 * client's address and the removed prefix.
 */
export function asSeenByFunction(request: Request, outer: URL, path: string, info: Deno.ServeHandlerInfo): Request {
  const { method, body } = request;
  const url = `${outer.origin}${path}${outer.search}`;
  const headers = new Headers(request.headers);
  headers.set(PREFIX_HEADER, prefixOf(outer.pathname, path));
  // As any proxy does, append the address of the caller to the list received, whether that is true or not.
  headers.append("x-forwarded-for", (info.remoteAddr as Deno.NetAddr).hostname);
  if (!headers.has("upgrade")) return new Request(url, { method, headers, body, signal: request.signal });
  // Only the original request can be upgraded, so its URL and headers are replaced.
  return Object.defineProperties(request, { url: { value: url }, headers: { value: headers } });
}

/** The prefix of the API's paths: `/functions/v1/messenger`, or nothing on its own port. */
function prefixOf(outer: string, path: string): string {
  const own = path.replace(/^\/[^/]+/, "");
  return outer.slice(0, outer.length - own.length);
}
