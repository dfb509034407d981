import type { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { ApiError } from "../base/errors.ts";
import { type Entries, formReader, malformed, takesFiles } from "./form.ts";

const MEBIBYTE = 1024 * 1024;
const MAX_MEBIBYTES = { plain: 1, withPicture: 3, withUpload: 26 };
/** A boundary ends a form, and little follows it. */
const TAIL_BYTES = 64 * 1024;
const uploads = new WeakSet<z.ZodType>();
const JSON_TYPE = /^application\/([\w.-]+\+)?json\s*(;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;
const MULTIPART_TYPE = /^multipart\/form-data\s*(;|$)/i;

const latin = new TextDecoder("latin1");

const tooLarge = (mebibytes: number) => new ApiError(413, { detail: `Request body is larger than ${mebibytes} MiB.` });
const unparsable = (reason: string) => new ApiError(400, { detail: `JSON parse error - ${reason}` });

/**
 * Lets a form of a schema hold a file of a message.
 * @returns the schema.
 */
export function withUpload<T extends z.ZodType>(schema: T): T {
  uploads.add(schema);
  return schema;
}

/**
 * Reads the body of a request, JSON or a form, never more than 1 MiB of it, or 3 with a picture, 26 with a file of a message, and
 * hands it to the validators as JSON.
 * An empty body counts as an object without fields.
 * @param schema of the body.
 * @returns a middleware that raises 413, 415, or 400 for what cannot be read.
 */
export function readBody(schema: z.ZodType): MiddlewareHandler {
  const readForm = formReader(schema);
  const mostInForms = MAX_MEBIBYTES[uploads.has(schema) ? "withUpload" : takesFiles(schema) ? "withPicture" : "plain"];
  return async (c, next) => {
    const type = c.req.header("Content-Type") ?? "";
    const bytes = await read(c.req.raw, MULTIPART_TYPE.test(type) ? mostInForms : MAX_MEBIBYTES.plain);
    const value = bytes.length > 0 ? await parse(bytes, type, readForm) : {};
    // deno-lint-ignore no-explicit-any
    c.req.json = () => Promise.resolve(value as any);
    // What has passed is as good as JSON: the validators know fewer ways to say so.
    const header = c.req.header.bind(c.req) as (name?: string) => string | undefined;
    c.req.header =
      ((name?: string) =>
        name?.toLowerCase() === "content-type" ? "application/json" : header(name)) as typeof c.req.header;
    await next();
  };
}

async function parse(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
  readForm: (entries: Entries) => unknown,
): Promise<unknown> {
  if (JSON_TYPE.test(type)) return parseJson(bytes, type);
  if (FORM_TYPE.test(type)) return readForm(urlEncoded(bytes, type));
  if (MULTIPART_TYPE.test(type)) return readForm(await multipart(bytes, type));
  throw new ApiError(415, { detail: `Unsupported media type "${type}" in request.` });
}

async function read(request: Request, mebibytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const most = mebibytes * MEBIBYTE;
  if (Number(request.headers.get("Content-Length")) > most) throw tooLarge(mebibytes);
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body) {
      length += chunk.length;
      if (length > most) break;
      chunks.push(chunk);
    }
  } catch {
    throw unparsable("the body is cut off");
  }
  if (length > most) throw tooLarge(mebibytes);
  if (chunks.length === 1) return chunks[0];
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function parseJson(bytes: Uint8Array, type: string): unknown {
  const charset = decoderOf(type, { fatal: true });
  let text: string;
  try {
    text = charset.decode(bytes);
  } catch {
    throw unparsable(`the body is not ${charset.encoding.toUpperCase()}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unparsable((error as Error).message);
  }
}

/** `a=1&b=two+words`, in the encoding that the type names. */
function urlEncoded(bytes: Uint8Array, type: string): Entries {
  const decoder = decoderOf(type);
  if (decoder.encoding === "utf-8") return [...new URLSearchParams(decoder.decode(bytes))];
  return decoder.decode(bytes).split("&").filter(Boolean).map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return [unescaped(name, decoder), unescaped(value.join("="), decoder)];
  });
}

function unescaped(text: string, decoder: TextDecoder): string {
  return text.replaceAll("+", " ").replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    return decoder.decode(Uint8Array.from(escapes.slice(1).split("%"), (hex) => parseInt(hex, 16)));
  });
}

async function multipart(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<Entries> {
  const [, boundary] = /;\s*boundary\s*=\s*"?([^";]+)/i.exec(type) ?? [];
  if (!boundary) throw malformed("Invalid boundary in multipart: None");
  // A truncated body would otherwise be parsed.
  if (!latin.decode(bytes.subarray(-TAIL_BYTES)).includes(`--${boundary.trim()}--`)) {
    throw malformed("The end is missing.");
  }
  let entries: Entries;
  try {
    entries = [...await new Response(bytes, { headers: { "Content-Type": type } }).formData()];
  } catch (error) {
    throw malformed((error as Error).message);
  }
  // Only files may be larger than another body.
  const length = entries.reduce((sum, [, value]) => sum + (typeof value === "string" ? value.length : 0), 0);
  if (length >= MAX_MEBIBYTES.plain * MEBIBYTE) throw tooLarge(MAX_MEBIBYTES.plain);
  return entries;
}

/** UTF-8, unless the type names another encoding that there is. */
function decoderOf(type: string, options?: TextDecoderOptions): TextDecoder {
  const [, charset = "utf-8"] = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type) ?? [];
  try {
    return new TextDecoder(charset, options);
  } catch {
    return new TextDecoder("utf-8", options);
  }
}
