import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { invalid, notFound, unavailable } from "../base/errors.ts";
import { asUser, type Sql } from "../db/db.ts";
import { callStorage, notReached, type StorageCall } from "../files/storage_service.ts";
import type { Api } from "../http/app.ts";
import { accessToken } from "../http/require_user.ts";
import { projectOrigin } from "../network/address.ts";
import { projectUrl } from "../settings/settings.ts";
import { MAX_PICTURE_BYTES, pictureKind } from "./picture_kinds.ts";

/** A picture that a client sends, or what a schema takes instead of one. */
export type Picture<T> = File | T;

const TIMEOUT_MS = 30_000;
/** Another picture has another name. */
const CACHING = "max-age=31536000";
const PUBLIC_PATH = "/storage/v1/object/public/avatars/";

/** Headers of a picture that is passed on, and of a request for one. */
const PASSED = ["accept-ranges", "cache-control", "content-range", "content-type", "etag", "last-modified"];
const ASKED = ["if-modified-since", "if-none-match", "range"];

/** A field that takes a picture, which only a form can hold, or what the schema takes, such as its URL. */
export const pictureOr = <T extends z.ZodType>(schema: T) =>
  z.unknown().transform((value, context): Picture<z.output<T>> => {
    if (value instanceof File) return value;
    const { success, data, error } = schema.safeParse(value);
    if (success) return data;
    for (const issue of error.issues) context.issues.push({ ...issue, input: value } as never);
    return z.NEVER;
  });

/**
 * Stores a picture of the caller in Storage, where the policies of the bucket decide.
 * @param field that the picture is in.
 * @returns its URL, which everyone can read.
 * @throws ApiError 400 that names the field when the file is not a picture, or is too large.
 */
export async function storePicture(c: Context<Api>, field: string, file: File): Promise<string> {
  if (file.size > MAX_PICTURE_BYTES) throw invalid(field, "Ensure this file has at most 2 MB.");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const kind = pictureKind(bytes);
  if (!kind) throw invalid(field, "Upload a valid image: PNG, JPEG, WebP or GIF.");
  const path = `${c.var.claims.sub}/${crypto.randomUUID()}.${kind.ending}`;
  const headers = { "Content-Type": kind.type, "Cache-Control": CACHING };
  const response = await ask(c, path, { method: "POST", headers, body: bytes });
  if (!response.ok) await refuse(c, field, await response.json().catch(() => ({})));
  await response.body?.cancel();
  return `${projectOrigin(c.req.raw)}${PUBLIC_PATH}${path}`;
}

/** Deletes a picture that is shown no more, if it is in the caller's folder. What fails stays, and harms nobody. */
export async function deletePicture(c: Context<Api>, url: string | null | undefined): Promise<void> {
  const path = url && pathOf(url);
  if (!path || !path.startsWith(`${c.var.claims.sub}/`)) return;
  await ask(c, path, { method: "DELETE" }).then((response) => response.body?.cancel()).catch(() => {});
}

/** The path in the bucket of a picture's URL; undefined for other URLs. */
export function pathOf(url: string): string | undefined {
  const at = url.indexOf(PUBLIC_PATH);
  return at < 0 ? undefined : url.slice(at + PUBLIC_PATH.length);
}

/** The URL of a picture at a path. */
export const urlOf = (request: Request, path: string) => `${projectOrigin(request)}${PUBLIC_PATH}${path}`;

/** The caller's present picture: a statement. */
export const presentPicture = (sql: Sql) =>
  sql<{ avatar_url: string | null }[]>`
    select profiles.avatar_url from chat.profiles as profiles where profiles.id = (select auth.uid())`;

/** Passes on a picture from Storage. @throws ApiError 404 */
export async function passPicture(request: Request, path: string): Promise<Response> {
  const asked = ASKED.flatMap((name) => {
    const value = request.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const answer = await fetch(`${projectUrl()}${PUBLIC_PATH}${path}`, { headers: Object.fromEntries(asked) })
    .catch(notReached);
  if (!answer.ok && answer.status !== 304 && answer.status !== 416) {
    await answer.body?.cancel();
    throw answer.status < 500 ? notFound() : unavailable();
  }
  const headers = new Headers();
  for (const name of PASSED) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}

const ask = (c: Context<Api>, path: string, call: StorageCall) =>
  callStorage(`object/avatars/${path}`, { ...call, token: accessToken(c), timeoutMs: TIMEOUT_MS });

/**
 * Says why Storage has refused a picture. It took no token of the caller, and neither does this.
 * @throws ApiError 400 that names the field, 429 when the caller has stored pictures too often, or 503.
 */
async function refuse(c: Context<Api>, field: string, said: { statusCode?: string; message?: string }): Promise<never> {
  const { statusCode, message } = said;
  if (statusCode === "413" || statusCode === "415") throw invalid(field, String(message));
  await asUser(c.var.claims, (sql) => [sql`select chat_private.require_token('upload_picture')`]);
  console.error(`Storage refused a picture with ${statusCode}: ${message}`);
  throw unavailable();
}
