import type { OpenAPIHono } from "@hono/zod-openapi";
import { Refresh, Tokens } from "./account-fields.ts";
import { clientAddress } from "./address.ts";
import type { Api } from "./app.ts";
import { answer, body, publicRoute } from "./routes.ts";
import { refresh } from "./sign-in.ts";

/** The route for new tokens, which most of the documents have, each at its own path. */
export function refreshRoute(app: OpenAPIHono<Api>, path: string): void {
  app.openapi(
    publicRoute({
      method: "post",
      path,
      tags: ["auth"],
      summary: "Get new tokens",
      request: { body: body(Refresh) },
      responses: { 200: answer(Tokens, "New tokens; the refresh token given is used up.") },
    }),
    async (c) => c.json(await refresh(c.req.valid("json").refresh, clientAddress(c)), 200),
  );
}
