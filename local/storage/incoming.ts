import { Readable } from "node:stream";
import { Busboy, type BusboyHeaders, type BusboyInstance } from "@fastify/busboy";
import { invalidRequest, tooLarge } from "./errors.ts";

/** What a request uploads; its content has not been read yet. */
export interface Incoming {
  content: AsyncIterable<Uint8Array>;
  mimetype: string;
  cacheControl: string;
  /** The length of the body that the client declares, if any. */
  declared: number | undefined;
  userMetadata: Record<string, unknown> | undefined;
}

const MAX_METADATA_BYTES = 1024 * 1024;
const LIMITS = { fields: 10, files: 1, fieldSize: MAX_METADATA_BYTES + 1 };
const NO_CONTENT = () => invalidRequest("No content provided");

/**
 * Reads an upload up to its content: a form with one file, whatever its name, or the body itself.
 * @throws StorageError when there is no content.
 */
export async function incoming(request: Request): Promise<Incoming> {
  const { headers } = request;
  const isForm = headers.get("content-type")?.startsWith("multipart/form-data");
  const length = headers.get("content-length");
  const declared = length === null ? undefined : Number(length);
  if (isForm) return { ...await formOf(request), declared };
  return {
    content: contentOf(request.body),
    mimetype: headers.get("content-type") ?? "application/octet-stream",
    cacheControl: headers.get("cache-control") ?? "no-cache",
    declared,
    userMetadata: metadataOf(headers),
  };
}

/** The metadata of people that a header carries: JSON in base64. What cannot be read is left out, as on the platform. */
export function metadataOf(headers: Headers): Record<string, unknown> | undefined {
  const text = headers.get("x-metadata");
  if (text === null) return undefined;
  try {
    return parsed(new TextDecoder().decode(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))));
  } catch {
    return undefined;
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* contentOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (;;) {
      // It fails when the client disconnects.
      const chunk = await reader?.read().catch(() => Promise.reject(NO_CONTENT()));
      if (!chunk || chunk.done) return;
      yield chunk.value;
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

/** The fields before the file count, and its content follows as it arrives. */
async function formOf({ body, headers }: Request): Promise<Omit<Incoming, "declared">> {
  if (!body) throw NO_CONTENT();
  const source = Readable.fromWeb(body as never);
  const fields = new Map<string, string>();
  const { promise, resolve, reject } = Promise.withResolvers<{ content: Readable; type: string }>();
  let form: BusboyInstance;
  try {
    form = new Busboy({ headers: Object.fromEntries(headers) as unknown as BusboyHeaders, limits: LIMITS });
  } catch {
    throw NO_CONTENT();
  }
  let content: Readable | undefined;
  const fail = () => {
    reject(NO_CONTENT());
    content?.destroy(NO_CONTENT());
  };
  form.on("field", (name, value) => void fields.set(name, value));
  form.on("file", (_name, stream, _filename, _encoding, type) => {
    // Nobody may be reading it any more.
    content = stream.on("error", () => {});
    resolve({ content: stream, type });
  });
  form.on("finish", () => reject(NO_CONTENT()));
  form.on("error", fail);
  // A form that is cut off would never end.
  source.on("error", fail);
  source.pipe(form);
  const file = await promise;
  const metadata = fields.get("metadata") ?? fields.get("userMetadata");
  if (metadata !== undefined && metadata.length > MAX_METADATA_BYTES) throw tooLarge("user_metadata");
  const seconds = fields.get("cacheControl");
  return {
    content: file.content,
    mimetype: fields.get("contentType") || file.type,
    cacheControl: seconds ? `max-age=${seconds}` : "no-cache",
    userMetadata: metadata === undefined ? undefined : parsed(metadata),
  };
}
