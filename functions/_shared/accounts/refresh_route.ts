import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Api } from "../http/app.ts";
import { body, publicRoute, response } from "../http/routes.ts";
import { clientAddress } from "../network/address.ts";
import { Refresh, Tokens } from "./account_fields.ts";
import { refresh } from "./sign_in.ts";

/** The route for new tokens, which most APIs have, each at its own path. */
export function refreshRoute(app: OpenAPIHono<Api>, path: string): void {
  app.openapi(
    publicRoute({
      method: "post",
      path,
      tags: ["auth"],
      summary: "Get new tokens",
      request: { body: body(Refresh) },
      responses: { 200: response(Tokens, "New tokens; the refresh token of the request no longer works.") },
    }),
    async (c) => c.json(await refresh(c.req.valid("json").refresh, clientAddress(c)), 200),
  );
}
