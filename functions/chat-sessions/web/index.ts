import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Api } from "../../_shared/http/app.ts";
import { accountRoutes } from "./accounts.ts";
import { assetRoutes } from "./assets.ts";
import { pageRoutes } from "./pages.ts";
import { sendRoutes } from "./send.ts";
import { sessionRoutes } from "./sessions.ts";

/** The HTML pages: docs/apis/chat-sessions.md#pages. */
export function webRoutes(app: OpenAPIHono<Api>): void {
  accountRoutes(app);
  pageRoutes(app);
  sessionRoutes(app);
  sendRoutes(app);
  assetRoutes(app);
}
