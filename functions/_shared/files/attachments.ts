import { z } from "@hono/zod-openapi";
import type { Attachment as Stored } from "../../../client/sdk/src/contract/message.ts";
import type { Sql, Statement } from "../db/db.ts";

/** A file of a message, as the APIs show it. */
export const Attachment = z.object({
  id: z.guid(),
  name: z.string(),
  mime_type: z.string(),
  bytes: z.int(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  duration_ms: z.int().nullable(),
  url: z.string().openapi({
    description: "A path of this API. It needs the caller's token, and leads to the file for a minute.",
  }),
}).openapi("Attachment");

/** The field of a message that lists its files. */
export const attachmentsField = () =>
  z.array(Attachment).openapi({ description: "The files of the message, in the order sent." });

/**
 * The files of a message as the API at `path` shows them, in a statement.
 * @param column that holds them.
 */
export const attachmentColumn = (sql: Sql, column: Statement, path: string) =>
  sql`case when ${column} = '[]' then '[]'::jsonb else (
      select jsonb_agg((file - 'path') || jsonb_build_object('url', ${path}::text || (file ->> 'id') || '/') order by place)
      from jsonb_array_elements(${column}) with ordinality as files (file, place)
    ) end`;

/** The same for those of an event. */
export const shownAttachments = (attachments: readonly Stored[], path: string): z.infer<typeof Attachment>[] =>
  attachments.map(({ path: _, ...file }) => ({ ...file, url: `${path}${file.id}/` }));
