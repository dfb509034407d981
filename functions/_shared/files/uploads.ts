import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Attachment } from "../../../client/sdk/src/contract/message.ts";
import type { Claims } from "../auth/tokens.ts";
import { invalid, unavailable } from "../base/errors.ts";
import { asUser } from "../db/db.ts";
import type { Api } from "../http/app.ts";
import { accessToken } from "../http/require_user.ts";
import { callStorage } from "./storage_service.ts";

/** A field that takes a file, which only a form can hold. */
export const fileField = () =>
  z.custom<File>(
    (value) => value instanceof File,
    "The submitted data was not a file. Check the encoding type on the form.",
  )
    .openapi({ type: "string", format: "binary" });

/** What a client says of a file that it uploads. */
export interface Upload {
  room: number;
  file: File;
  /** The id of the attachment, so that the request can be repeated. */
  id: string | null;
  width?: number | null;
  height?: number | null;
  duration_ms?: number | null;
}

/**
 * Announces a file and uploads it as the caller, so that the policies of Storage decide.
 * @returns the attachment, to be sent with a message; `isNew` says whether this request has announced it.
 * @throws ApiError as `begin_upload` raises.
 */
export async function uploadFile(c: Context<Api>, upload: Upload): Promise<{ attachment: Attachment; isNew: boolean }> {
  if (upload.file.size === 0) throw invalid("file", "The submitted file is empty.");
  const { isSent, isNew, ...attachment } = await announce(c.var.claims, upload);
  // Once it is sent nobody can upload it again, and the same request may have been made twice at once.
  const isDone = isSent || await store(accessToken(c), attachment, upload.file) ||
    (await announce(c.var.claims, upload)).isSent;
  if (!isDone) throw unavailable();
  return { attachment, isNew };
}

type Announced = Attachment & { isSent: boolean; isNew: boolean };

async function announce(claims: Claims, { room, file, id, width, height, duration_ms }: Upload): Promise<Announced> {
  const type = file.type.split(";")[0]!.trim() || "application/octet-stream";
  const [[announced]] = await asUser(claims, (sql) => [
    sql<Announced[]>`
      select id, path, name, mime_type, bytes, width, height, duration_ms, message_id is not null as "isSent",
        created_at = now() as "isNew"
      from chat.begin_upload(
        ${room}, ${file.name}, ${type}, ${file.size}, ${width ?? null}, ${height ?? null}, ${duration_ms ?? null}, ${id}
      )`,
  ]);
  return announced!;
}

/** @returns whether Storage has it now. */
async function store(token: string, { path, mime_type }: Attachment, file: File): Promise<boolean> {
  const answer = await callStorage(`object/chat-files/${path}`, {
    method: "POST",
    token,
    headers: { "Content-Type": mime_type },
    body: file,
  });
  const { statusCode, message } = await answer.json().catch(() => ({}));
  // 409: an earlier request has uploaded it, but its answer was lost.
  if (answer.ok || statusCode === "409") return true;
  console.error(`Storage refused a file with ${statusCode}: ${message}`);
  return false;
}
