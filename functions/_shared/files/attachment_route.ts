import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Attachment } from "../../../client/sdk/src/contract/message.ts";
import { notFound, unavailable } from "../base/errors.ts";
import { asUser } from "../db/db.ts";
import type { Api } from "../http/app.ts";
import { accessToken } from "../http/require_user.ts";
import { route } from "../http/routes.ts";
import { projectOrigin } from "../network/address.ts";
import { callStorage } from "./storage_service.ts";

/** A removed member can use a URL that was made before for so long. */
const URL_SECONDS = 60;

/** Types that browsers show without running anything. All others, HTML and SVG among them, are downloads. */
const SHOWN = /^(image\/(png|jpeg|gif|webp|avif|bmp)|(video|audio)\/[\w.+-]+|application\/pdf|text\/plain)$/;

/** Answers the files of messages with a redirect to Storage, which knows ranges. */
export function attachmentRoute(app: OpenAPIHono<Api>, path: string, tag: string): void {
  app.openapi(
    route({
      method: "get",
      path: `${path}{id}/`,
      tags: [tag],
      summary: "Get a file of a message: a redirect to a URL that works for a minute",
      request: { params: z.object({ id: z.string().openapi({ param: { name: "id", in: "path" }, format: "uuid" }) }) },
      responses: { 302: { description: "`Location` leads to the file." }, 200: { description: "The file, there." } },
    }),
    async (c) => {
      const { id } = c.req.valid("param");
      if (!z.guid().safeParse(id).success) throw notFound("attachment_not_found");
      const [[file]] = await asUser(c.var.claims, (sql) => [
        sql<Pick<Attachment, "path" | "name" | "mime_type">[]>`
          select path, name, mime_type from chat.attachments where id = ${id} and message_id is not null`,
      ]);
      if (!file) throw notFound("attachment_not_found");
      const signed = await signedUrl(accessToken(c), file.path);
      const download = SHOWN.test(file.mime_type) ? "" : `&download=${encodeURIComponent(file.name)}`;
      return c.redirect(`${projectOrigin(c.req.raw)}/storage/v1${signed}${download}`, 302);
    },
  );
}

/** Signed by Storage as the caller, so that its policies decide once more. */
async function signedUrl(token: string, path: string): Promise<string> {
  const answer = await callStorage(`object/sign/chat-files/${path}`, {
    method: "POST",
    token,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ expiresIn: URL_SECONDS }),
  });
  const { signedURL, message } = await answer.json().catch(() => ({}));
  if (answer.ok && typeof signedURL === "string") return signedURL;
  if (answer.status < 500) throw notFound("attachment_not_found");
  console.error(`Storage has not signed a URL: ${answer.status} ${message}`);
  throw unavailable();
}
