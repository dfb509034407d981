import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type ExportPage, exportPage, exportPageOf } from "../_shared/db/db.ts";
import { callStorage } from "../_shared/files/storage_service.ts";
import type { Api } from "../_shared/http/app.ts";
import { backendRoute, route } from "../_shared/http/routes.ts";
import { projectOrigin } from "../_shared/network/address.ts";

/** How long the URLs of files work. */
const URL_SECONDS = 86_400;
const FORMAT_VERSION = 1;

const lines = {
  200: {
    description:
      "Lines of JSON, each with its `type`. The last one is of type `end`: without it the export is not complete.",
    content: { "application/x-ndjson": { schema: z.string() } },
  },
};

/** Exports of the data of a person: docs/accounts.md. */
export function exportRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/export/",
      tags: ["accounts"],
      summary: "Export the data of the caller",
      responses: lines,
    }),
    (c) => streamed(c, c.var.claims.sub, (cursor) => exportPage(c.var.claims, cursor)),
  );
  app.openapi(
    backendRoute({
      method: "get",
      path: "/api/users/{user_id}/export/",
      tags: ["accounts"],
      summary: "Export the data of a user; for backends with a secret key",
      request: { params: z.object({ user_id: z.guid() }) },
      responses: lines,
    }),
    (c) => {
      const { user_id } = c.req.valid("param");
      return streamed(c, user_id, (cursor) => exportPageOf(user_id, cursor));
    },
  );
}

/** Streams pages: each is read when the client has taken the one before, so an export of any length takes the memory of one. */
async function streamed(c: Context<Api>, userId: string, read: (cursor: string | null) => Promise<ExportPage>) {
  const origin = projectOrigin(c.req.raw);
  const first = { type: "export", version: FORMAT_VERSION, user_id: userId, created_at: new Date().toISOString() };
  // The first page before the response begins, so that a refusal has its status.
  let page = await read(null);
  let hasBegun = false;
  let count = 0;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (hasBegun) page = await read(page.cursor);
        const { lines, cursor } = page;
        await addUrls(lines, origin);
        count += lines.length;
        const all = [
          ...(hasBegun ? [] : [first]),
          ...lines,
          ...(cursor === null ? [{ type: "end", lines: count }] : []),
        ];
        hasBegun = true;
        controller.enqueue(encoder.encode(all.map((each) => `${JSON.stringify(each)}\n`).join("")));
        if (cursor === null) controller.close();
      } catch (error) {
        console.error(`request ${c.get("requestId")}: the export ended early:`, error);
        throw error; // the client sees that it is not complete
      }
    },
  }, { highWaterMark: 0 });
  const isBinary = c.req.header("Accept") === "application/octet-stream";
  return new Response(body, {
    headers: {
      // supabase-js takes it as a file.
      "Content-Type": isBinary ? "application/octet-stream" : "application/x-ndjson",
      "Content-Disposition": 'attachment; filename="export.ndjson"',
      "X-Accel-Buffering": "no",
    },
  }) as never;
}

interface File {
  path: string;
  url?: string | null;
}

/** Adds to each file a URL, also of rooms that the person has left. */
async function addUrls(lines: Record<string, unknown>[], origin: string): Promise<void> {
  const files = lines.flatMap(({ type, attachments }) => type === "message" ? attachments as File[] : []);
  if (files.length === 0) return;
  const answer = await callStorage("object/sign/chat-files", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ expiresIn: URL_SECONDS, paths: files.map(({ path }) => path) }),
  });
  if (!answer.ok) throw new Error(`Storage has signed no URLs: ${answer.status} ${await answer.text()}`);
  const signed = await answer.json() as { path: string; signedURL: string | null }[];
  const urls = new Map(signed.map(({ path, signedURL }) => [path, signedURL]));
  for (const file of files) {
    const url = urls.get(file.path);
    file.url = url ? `${origin}/storage/v1${url}` : null;
  }
}
