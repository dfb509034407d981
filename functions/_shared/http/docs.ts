import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { NONCE, secureHeaders } from "hono/secure-headers";
import { outerAddress } from "../network/address.ts";
import type { Api, ApiOptions } from "./app.ts";
import { type Document, openApiDocument } from "./openapi.ts";

const ASSETS: Record<string, string> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
};

/** The page runs only its own scripts, and cannot be framed. Swagger UI uses inline styles. */
const hardened = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'", NONCE],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", "data:"],
    fontSrc: ["data:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  // The schema may be read by pages of any origin.
  crossOriginResourcePolicy: false,
  // The proxy that ends TLS decides that.
  strictTransportSecurity: false,
});

/**
 * Serves the OpenAPI document of an app at `/api/schema/`, and Swagger UI for it at `/api/docs/`, where `/api/` leads.
 */
export function serveDocs(app: OpenAPIHono<Api>, options: ApiOptions): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "Bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  let document: Document | undefined;
  app.get("/api/schema/", (c) => {
    document ??= openApiDocument(app, options);
    // Relative to this document, so that it holds wherever the API is served.
    const url = new URL(c.req.url).pathname.endsWith("/") ? "../.." : "..";
    return c.json({ ...document, servers: [{ url, description: "The server of this document." }] });
  });

  app.get("/api/", toDocs);
  app.get("/api/docs/", hardened, async (c) => {
    // Its assets have relative paths.
    if (!new URL(c.req.url).pathname.endsWith("/")) return toDocs(c);
    return c.html(await isComplete() ? page(options.title, c.get("secureHeadersNonce")!) : incomplete(options.title));
  });
  app.get("/api/docs/:asset/", hardened, async (c) => {
    const asset = c.req.param("asset");
    const url = Object.hasOwn(ASSETS, asset) ? await find(asset) : undefined;
    if (!url) return c.notFound();
    return c.body(await Deno.readFile(url), 200, { "Content-Type": ASSETS[asset]!, "Cache-Control": "max-age=86400" });
  });
}

/** Leads to the documentation of an API. */
export const toDocs = (c: Context) => c.redirect(`${outerAddress(c).prefix}/api/docs/`, 302);

/** Where the assets are: beside the functions in a project that has Parley from its package, and in a clone. */
const FOLDERS = ["../../swagger-ui-dist", "../../../node_modules/swagger-ui-dist"];

/** In config.toml these are static_files, so they are here on the platform, too, if they were there when it was deployed. */
async function find(asset: string): Promise<URL | undefined> {
  for (const folder of FOLDERS) {
    const url = new URL(`${folder}/${asset}`, import.meta.url);
    if (await Deno.stat(url).then(() => true, () => false)) return url;
  }
}

const isComplete = async () => (await Promise.all(Object.keys(ASSETS).map(find))).every(Boolean);

/** Assets and schema are beside it. */
const page = (title: string, nonce: string) =>
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="swagger-ui.css">
<div id="docs"></div>
<script src="swagger-ui-bundle.js"></script>
<script nonce="${nonce}">
  SwaggerUIBundle({ url: "../schema/", dom_id: "#docs", deepLinking: true, persistAuthorization: true });
</script>
</html>
`;

const incomplete = (title: string) =>
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<h1>${title}</h1>
<p>This API is documented by its <a href="../schema/">OpenAPI document</a>.</p>
<p>Swagger UI was not deployed with it: run <code>npm ci</code> before <code>npx supabase functions deploy</code>.</p>
</html>
`;
