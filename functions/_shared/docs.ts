import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Api, ApiOptions } from "./app.ts";

const ASSETS: Record<string, string> = {
  "swagger-ui.css": "text/css",
  "swagger-ui-bundle.js": "text/javascript",
};

const FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"];

type Document = ReturnType<OpenAPIHono<Api>["getOpenAPI31Document"]>;
interface Operation {
  requestBody?: { content: Record<string, object> };
}

/** Serves the OpenAPI document of an app at `/api/schema/`, and Swagger UI for it at `/api/docs/`. */
export function serveDocs(app: OpenAPIHono<Api>, { title, description }: ApiOptions): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "Bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  let document: ReturnType<typeof app.getOpenAPI31Document> | undefined;
  app.get("/api/schema/", (c) => {
    document ??= withForms(app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title, description, version: "1.0.0" },
    }));
    // Relative to the document, so that it holds wherever the API is served.
    return c.json({ ...document, servers: [{ url: new URL(c.req.url).pathname.endsWith("/") ? "../.." : ".." }] });
  });

  app.get("/api/docs/", (c) => c.html(page(title)));
  app.get("/api/docs/:asset/", async (c) => {
    const asset = c.req.param("asset");
    if (!Object.hasOwn(ASSETS, asset)) return c.notFound();
    // In config.toml these are static_files, so they are here on the platform, too.
    const file = await Deno.readFile(new URL(`../../node_modules/swagger-ui-dist/${asset}`, import.meta.url));
    return c.body(file, 200, { "Content-Type": ASSETS[asset]!, "Cache-Control": "max-age=86400" });
  });
}

/** Declares of each body that it may be a form as well. */
function withForms(document: Document): Document {
  const operations = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path) as Operation[]);
  for (const { requestBody } of operations) {
    const content = requestBody?.content;
    const json = content?.["application/json"];
    if (json) { for (const type of FORMS) content[type] = json; }
  }
  return document;
}

/** The page finds its assets and the schema beside itself, whether or not its address ends in a slash. */
const page = (title: string) =>
  `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<div id="docs"></div>
<script>
  if (!location.pathname.endsWith("/")) location.replace(location.pathname + "/");
</script>
<link rel="stylesheet" href="swagger-ui.css">
<script src="swagger-ui-bundle.js"></script>
<script>
  SwaggerUIBundle({ url: "../schema/", dom_id: "#docs", deepLinking: true, persistAuthorization: true });
</script>
</html>
`;
