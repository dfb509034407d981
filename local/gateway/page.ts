import { join } from "node:path";
import { type Context, Hono } from "hono";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import { serveStatic } from "hono/serve-static";
import { PROJECT_ROOT } from "../base/config.ts";
import { errorResponse } from "./responses.ts";

const PAGE_FOLDER = join(PROJECT_ROOT, "client", "web", "dist");
const YEAR_S = 31_536_000;

/** The response to `/status`. */
export interface About {
  api_url: string;
  functions: string[];
  served: Record<string, string>;
}

/**
 * Serves the chat page at `/`, the admin page at `/admin`, their `config.json`, and `/status` for programs, which also receive that at `/` when
 * they accept JSON.
 */
export function page(publishableKey: string, about: () => About): (request: Request) => Response | Promise<Response> {
  const app = new Hono();
  app.use(etag(), headers);
  app.get("/status", (c) => c.json(about()));
  const operator = { contact: Deno.env.get("OPERATOR_CONTACT"), terms: Deno.env.get("OPERATOR_TERMS") };
  const config = { url: "/", key: publishableKey, ...operator };
  app.get("/config.json", (c) => c.json(config, 200, { "Cache-Control": "no-cache" }));
  app.get("/", async (c, next) => {
    c.header("Vary", "Accept");
    return wantsJson(c.req.header("Accept")) ? c.json(about()) : await next();
  });
  // Its URLs are relative to the root.
  app.get("/admin/", (c) => c.redirect("/admin"));
  const files = { root: PAGE_FOLDER, join, getContent, isDir };
  const onFound = (path: string, c: Context) => c.header(...cacheControl(path));
  app.get("/admin", serveStatic({ ...files, onFound, path: "admin.html" }));
  app.get("*", serveStatic({ ...files, onFound }));
  // When the page has not been built.
  app.get("/", (c) => c.json(about()));
  app.notFound(() => errorResponse(404, "not_found", "There is nothing at this address."));
  return (request) => app.fetch(request);
}

const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    // Files that are chosen, until they are sent.
    imgSrc: ["'self'", "blob:"],
    mediaSrc: ["'self'", "blob:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  strictTransportSecurity: false,
  referrerPolicy: "no-referrer",
});

function wantsJson(accept = ""): boolean {
  return accept.includes("application/json") && !accept.includes("text/html");
}

/** Vite puts a content hash into the names of assets. */
function cacheControl(path: string): [string, string] {
  const isImmutable = path.startsWith(join(PAGE_FOLDER, "assets"));
  return ["Cache-Control", isImmutable ? `public, max-age=${YEAR_S}, immutable` : "no-cache"];
}

async function getContent(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  return await Deno.readFile(path).catch(() => null);
}

async function isDir(path: string): Promise<boolean> {
  return await Deno.stat(path).then((stats) => stats.isDirectory, () => false);
}
