import { type ByteRange, type Files, streamOf } from "./files.ts";
import { invalidRange, noSuchFile } from "./errors.ts";
import type { StoredObject } from "./rows.ts";

/** How an object is sent. */
export interface RenderOptions {
  /** The name to save it as; "" keeps its own, undefined shows it. */
  download?: string;
  /** When a signed URL expires. */
  expires?: Date;
}

/** Sends the content of an object, or the part of it that the request asks for. @throws StorageError */
export async function content(
  files: Files,
  request: Request,
  object: StoredObject,
  options: RenderOptions = {},
): Promise<Response> {
  const { metadata, version } = object;
  if (!version) throw noSuchFile();
  const headers = headersOf(object, options);
  if (isUnchanged(request.headers, object)) {
    headers.delete("content-type");
    return new Response(null, { status: 304, headers });
  }
  const file = await files.open(version);
  try {
    const { size } = await file.stat();
    const range = asksForPart(request.headers, metadata?.eTag)
      ? rangeOf(request.headers.get("range")!, size)
      : undefined;
    const { start, size: length } = range ?? { start: 0, size };
    headers.set("content-length", String(length));
    if (range) headers.set("content-range", `bytes ${start}-${start + length - 1}/${size}`);
    return new Response(range ? streamOf(file, { start, size: length }) : file.readable, {
      status: range ? 206 : 200,
      headers,
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Answers HEAD from what is known of an object. */
export function head(object: StoredObject): Response {
  const headers = headersOf(object, {});
  const { size } = object.metadata ?? {};
  if (size !== undefined) headers.set("content-length", String(size));
  return new Response(null, { headers });
}

/** Describes an object. */
export function info(object: StoredObject): Response {
  const { id, name, version, bucket_id, metadata, user_metadata, updated_at, created_at } = object;
  const { size = null, mimetype = null, cacheControl = null, eTag = null } = metadata ?? {};
  return Response.json({
    id,
    name,
    version,
    bucket_id,
    size,
    content_type: mimetype,
    cache_control: cacheControl,
    etag: eTag,
    metadata: user_metadata,
    last_modified: updated_at,
    created_at,
  });
}

function headersOf({ metadata }: StoredObject, { download, expires }: RenderOptions): Headers {
  const { mimetype = "application/octet-stream", cacheControl = "no-cache", eTag, lastModified } = metadata ?? {};
  const headers = new Headers({
    "accept-ranges": "bytes",
    // As on the platform, a page never comes from Storage.
    "content-type": mimetype.includes("text/html") ? "text/plain" : mimetype,
    "x-robots-tag": "none",
  });
  if (expires) headers.set("expires", expires.toUTCString());
  else headers.set("cache-control", cacheControl);
  if (eTag) headers.set("etag", eTag);
  if (lastModified) headers.set("last-modified", new Date(lastModified).toUTCString());
  if (download !== undefined) headers.set("content-disposition", attachment(download));
  return headers;
}

function attachment(name: string): string {
  if (name === "") return "attachment;";
  const encoded = encodeURIComponent(name);
  return `attachment; filename=${encoded}; filename*=UTF-8''${encoded}`;
}

/** Whether the client already has this content. */
function isUnchanged(headers: Headers, { metadata }: StoredObject): boolean {
  const { eTag, lastModified } = metadata ?? {};
  const known = headers.get("if-none-match");
  if (known !== null) {
    return known === "*" || known.split(",").some((tag) => eTag !== undefined && strong(tag) === eTag);
  }
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  return lastModified !== undefined && Math.floor(Date.parse(lastModified) / 1000) * 1000 <= since;
}

/** A tag without the mark that compression leaves on it. */
const strong = (tag: string) => tag.trim().replace(/^W\//, "");

/** Whether a part is asked for, of the content that the client has seen before. */
function asksForPart(headers: Headers, eTag: string | undefined): boolean {
  const known = headers.get("if-range");
  return headers.has("range") && (known === null || known === eTag);
}

function rangeOf(header: string, size: number): ByteRange {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  if (size === 0 || first === undefined || last === undefined || first + last === "") throw invalidRange();
  if (first === "") {
    const length = Math.min(Number(last), size);
    if (length === 0) throw invalidRange();
    return { start: size - length, size: length };
  }
  const start = Number(first);
  const end = Math.min(last === "" ? size - 1 : Number(last), size - 1);
  if (start >= size || end < start) throw invalidRange();
  return { start, size: end - start + 1 };
}
