import { corsPreflight, withCors } from "./cors.ts";
import { asSeenByFunction, type EdgeFunction, type Functions } from "./functions.ts";
import { errorResponse, unavailable } from "./responses.ts";

/** A server behind the gateway. */
export interface Backend {
  /** Its response to a request to `url` from that address; undefined while it is down. */
  ask(request: Request, url: URL, from: string): Promise<Response> | undefined;
}

/** The targets of the gateway. `functions` is undefined until everything is up. */
export interface Services {
  functions: Functions | undefined;
  auth: Backend;
  dataApi: Backend;
  storage: Backend;
  /** Handles requests to `/realtime/v1`; `path` is the rest of the path. */
  realtime: { handle(request: Request, path: string): Promise<Response> };
  /** The state of Postgres. */
  database: { isUp: boolean; outages: number };
  /** Handles all other requests: the chat page. */
  page: (request: Request) => Response | Promise<Response>;
}

const FUNCTION_PATH = /^\/functions\/v1\/([\w-]+)(?=\/|$)/;
const SERVICE_PATH = /^\/(auth|rest|storage)\/v1(\/|$)/;
const BACKENDS: Record<string, "auth" | "dataApi" | "storage"> = { auth: "auth", rest: "dataApi", storage: "storage" };
const REALTIME_PATH = "/realtime/v1/";

/** Routes a request to the gateway's port as the platform's gateway does. */
export function handle(
  request: Request,
  services: Services,
  info: Deno.ServeHandlerInfo,
): Response | Promise<Response> {
  const url = new URL(request.url);
  const name = FUNCTION_PATH.exec(url.pathname)?.[1];
  if (name) {
    return invoke(request, url, name, url.pathname.slice("/functions/v1".length), services, info);
  }
  if (SERVICE_PATH.test(url.pathname)) return service(request, url, services, info);
  if (url.pathname.startsWith(REALTIME_PATH)) {
    return corsPreflight(request) ?? services.realtime.handle(request, url.pathname.slice(REALTIME_PATH.length - 1));
  }
  return services.page(request);
}

/** Routes a request to the port of one function, whose paths begin at the root. */
export function handleRoot(
  name: string,
  request: Request,
  services: Services,
  info: Deno.ServeHandlerInfo,
): Response | Promise<Response> {
  const url = new URL(request.url);
  return invoke(request, url, name, `/${name}${url.pathname}`, services, info);
}

function invoke(
  request: Request,
  url: URL,
  name: string,
  path: string,
  services: Services,
  info: Deno.ServeHandlerInfo,
): Response | Promise<Response> {
  if (!services.functions) return corsPreflight(request) ?? withCors(unavailable());
  const edgeFunction = services.functions.get(name);
  if (!edgeFunction) return errorResponse(404, "NOT_FOUND", `The function ${name} was not found.`);
  return run(edgeFunction, asSeenByFunction(request, url, path, info), services);
}

async function run(edgeFunction: EdgeFunction, request: Request, { database }: Services): Promise<Response> {
  const { outages } = database;
  try {
    const response = await edgeFunction.fetch(request);
    // A function's own 503 has the shape that its API documents.
    const hasFailed = response.status >= 500 && response.status !== 503;
    return hasFailed && await hasLostDatabase(database, outages) ? withCors(unavailable()) : response;
  } catch (error) {
    console.error(error);
    return await hasLostDatabase(database, outages)
      ? withCors(unavailable())
      : errorResponse(500, "WORKER_ERROR", "The function failed.");
  }
}

async function service(
  request: Request,
  url: URL,
  services: Services,
  info: Deno.ServeHandlerInfo,
): Promise<Response> {
  const preflight = corsPreflight(request);
  if (preflight) return preflight;
  const { database } = services;
  if (!database.isUp) return withCors(unavailable());
  const { outages } = database;
  const backend = services[BACKENDS[SERVICE_PATH.exec(url.pathname)![1]!]!];
  const response = await backend.ask(request, url, (info.remoteAddr as Deno.NetAddr).hostname) ?? unavailable();
  if (response.status < 500 || !await hasLostDatabase(database, outages)) return withCors(response);
  await response.body?.cancel();
  return withCors(unavailable());
}

/** Whether Postgres went down since `outages` was read; that may be noticed a moment after a connection is lost. */
async function hasLostDatabase(database: Services["database"], outages: number): Promise<boolean> {
  if (database.outages !== outages || !database.isUp) return true;
  await new Promise((resolve) => setTimeout(resolve, 250));
  return database.outages !== outages || !database.isUp;
}
