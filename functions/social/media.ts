import type { OpenAPIHono } from "@hono/zod-openapi";
import { passPicture } from "../_shared/accounts/pictures.ts";
import type { Api } from "../_shared/http/app.ts";
import { DEFAULT_IMAGE, IMAGES } from "./schemas.ts";

/** Serves the pictures of people: docs/apis/social.md#profiles. */
export function mediaRoutes(app: OpenAPIHono<Api>): void {
  app.get(`${DEFAULT_IMAGE}/`, async (c) => {
    // One of the static_files in config.toml, so it is here on the platform, too.
    const image = await Deno.readFile(new URL("./default.jpg", import.meta.url));
    return c.body(image, 200, { "Content-Type": "image/jpeg", "Cache-Control": "max-age=86400" });
  });
  app.get(
    `${IMAGES}:owner{[0-9a-f-]{36}}/:name{[\\w.-]+}/`,
    (c) => passPicture(c.req.raw, `${c.req.param("owner")}/${c.req.param("name")}`),
  );
}
