import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { attachmentRoute } from "../_shared/files/attachment_route.ts";
import { Attachment } from "../_shared/files/attachments.ts";
import { fileField, uploadFile } from "../_shared/files/uploads.ts";
import type { Api } from "../_shared/http/app.ts";
import { withUpload } from "../_shared/http/body.ts";
import { id } from "../_shared/http/fields.ts";
import { clientId, clientIdField, idempotencyHeaders } from "../_shared/http/idempotency.ts";
import { body, createdOnce, route } from "../_shared/http/routes.ts";
import { FILES } from "./schemas.ts";

const measure = () => z.int().positive().nullable().optional();

const NewUpload = withUpload(
  z.object({
    chat: id(),
    file: fileField(),
    width: measure(),
    height: measure(),
    duration_ms: measure(),
    client_id: clientIdField(),
  }).openapi("NewUpload"),
);

/** Without a URL: nobody can read it before it is sent. */
const Upload = Attachment.omit({ url: true }).openapi("Upload");

/** Files of messages: docs/apis/messenger.md#files. */
export function uploadRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "post",
      path: "/api/uploads/",
      tags: ["files"],
      summary: "Upload a file for a message of a chat: a form with the file",
      request: { headers: idempotencyHeaders, body: body(NewUpload) },
      responses: createdOnce(Upload, "file, whose id a message of the next day may name"),
    }),
    async (c) => {
      const { chat: room, client_id, ...upload } = c.req.valid("json");
      const id = clientId(c, client_id, c.var.claims.sub);
      const { attachment: { path: _, ...answered }, isNew } = await uploadFile(c, { room, id, ...upload });
      return c.json(answered, isNew ? 201 : 200);
    },
  );
  attachmentRoute(app, FILES, "files");
}
