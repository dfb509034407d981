import type { MiddlewareHandler } from "hono";
import { ApiError } from "./errors.ts";

const LIMIT = 1024 * 1024;
const JSON_TYPE = /^application\/([\w.-]+\+)?json\s*(;|$)/i;
const decoder = new TextDecoder("utf-8", { fatal: true });

const tooLarge = () => new ApiError(413, { detail: "Request body is larger than 1 MiB." });
const unparsable = (reason: string) => new ApiError(400, { detail: `JSON parse error - ${reason}` });

/**
 * Reads the JSON body of a request, never more than 1 MiB of it, and hands it to the validators.
 * An empty body counts as an object without fields. Raises 413, 415, or 400 for what is no JSON.
 */
export const jsonBody: MiddlewareHandler = async (c, next) => {
  const bytes = await read(c.req.raw);
  const type = c.req.header("Content-Type");
  if (bytes.length > 0 && !JSON_TYPE.test(type ?? "")) {
    throw new ApiError(415, { detail: `Unsupported media type "${type ?? ""}" in request.` });
  }
  const value = bytes.length > 0 ? parse(bytes) : {};
  // deno-lint-ignore no-explicit-any
  c.req.json = () => Promise.resolve(value as any);
  // What has passed is JSON: the validators know fewer ways to say so.
  const header = c.req.header.bind(c.req) as (name?: string) => string | undefined;
  c.req.header =
    ((name?: string) =>
      name?.toLowerCase() === "content-type" ? "application/json" : header(name)) as typeof c.req.header;
  await next();
};

async function read(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("Content-Length")) > LIMIT) throw tooLarge();
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body) {
      length += chunk.length;
      if (length > LIMIT) break;
      chunks.push(chunk);
    }
  } catch {
    throw unparsable("the body is cut off");
  }
  if (length > LIMIT) throw tooLarge();
  if (chunks.length === 1) return chunks[0];
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

function parse(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw unparsable("the body is not UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unparsable((error as Error).message);
  }
}
