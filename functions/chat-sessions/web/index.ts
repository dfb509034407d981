import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Api } from "../../_shared/app.ts";

/** Section "Web Routes" of the document. */
export function webRoutes(_app: OpenAPIHono<Api>): void {
}
