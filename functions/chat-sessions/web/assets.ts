import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Api } from "../../_shared/http/app.ts";
import { paths } from "./links.ts";

const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";
const TYPES: Record<string, string> = {
  "chat.js": SCRIPT,
  "events.js": SCRIPT,
  "forms.js": SCRIPT,
  "log.js": SCRIPT,
  "manage.js": SCRIPT,
  "talk.js": SCRIPT,
  "base.css": STYLE,
  "chat.css": STYLE,
  "controls.css": STYLE,
  "layout.css": STYLE,
  "log.css": STYLE,
  "sessions.css": STYLE,
  "icon.svg": "image/svg+xml",
};

/** The scripts, the styles and the icon of the pages. */
export function assetRoutes(app: OpenAPIHono<Api>): void {
  app.get(`${paths.asset(":asset")}/`, async (c) => {
    const asset = c.req.param("asset")!;
    if (!Object.hasOwn(TYPES, asset)) return c.notFound();
    // In config.toml these are static_files, so they are here on the platform, too.
    const file = await Deno.readFile(new URL(`assets/${asset}`, import.meta.url));
    const headers = { "Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff" };
    return c.body(file, 200, { "Content-Type": TYPES[asset]!, ...headers });
  });
}
