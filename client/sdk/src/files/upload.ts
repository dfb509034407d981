import type { Connection } from "../connection/connection.ts";
import { BUCKET } from "../connection/file_urls.ts";
import { ChatError } from "../util/errors.ts";
import type { QueuedFile } from "./new_file.ts";
import { fromStorage, storageError } from "../util/storage_answer.ts";

/** An upload of which nothing more goes out for so long has lost its network. */
const STALLED_MS = 30_000;
/** Without progress, as in Node: how long a whole upload may take, by its size. */
const SLOWEST_BYTES_PER_MS = 10;
/** Browsers may keep it, and nothing in between: who may no longer see a file must not get it from there. */
const CACHING = "private, max-age=86400";

interface UploadOptions {
  signal: AbortSignal;
  /** Receives how much has gone out, 0 to 1. */
  onProgress: (progress: number) => void;
}

/**
 * Announces a file, and sends it to Storage. What an earlier attempt has stored stays.
 * @throws ChatError
 */
export async function uploadFile(
  connection: Connection,
  roomId: number,
  file: QueuedFile,
  body: Blob,
  options: UploadOptions,
): Promise<void> {
  const { id, name, mime_type, bytes, width, height, duration_ms } = file;
  const { path, message_id } = await connection.run("begin_upload", {
    ...{ room_id: roomId, name, mime_type, bytes, client_id: id },
    ...(width && height && { width, height }),
    ...(duration_ms !== null && { duration_ms }),
  });
  if (message_id !== null) return; // another tab has sent it
  if (options.signal.aborted) throw unreached();
  try {
    // supabase-js uploads by fetch, which reports no progress. A signed URL takes the same from XMLHttpRequest, without the
    // session, and without an address that supabase-js does not give.
    const { signedUrl } = await fromStorage(connection.supabase.storage.from(BUCKET).createSignedUploadUrl(path));
    await put(signedUrl, body, mime_type, options);
  } catch (error) {
    if ((error as ChatError).code !== "already_exists") throw error;
  }
}

/** Gives up a file, which the server then removes. It does so after a day if this call fails. */
export async function cancelUpload(connection: Connection, { id }: QueuedFile): Promise<void> {
  try {
    await connection.run("cancel_upload", { attachment_id: id });
  } catch {
    // As stated above.
  }
}

function put(url: string, body: Blob, type: string, options: UploadOptions): Promise<void> {
  const headers = { "Content-Type": type, "Cache-Control": CACHING, "x-upsert": "false" };
  const send = typeof XMLHttpRequest === "undefined" ? putByFetch : putByRequest;
  return send(url, body, headers, options);
}

function putByRequest(
  url: string,
  body: Blob,
  headers: Record<string, string>,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const abort = () => request.abort();
    const moved = () => {
      clearTimeout(timer);
      timer = setTimeout(abort, STALLED_MS);
    };
    request.upload.onprogress = ({ loaded, total }) => {
      moved();
      if (total > 0) onProgress(loaded / total);
    };
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(refusal(request.status, request.responseText));
    };
    request.onerror = request.onabort = () => reject(unreached());
    request.onloadend = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (signal.aborted) return reject(unreached());
    signal.addEventListener("abort", abort);
    moved();
    request.send(body);
  });
}

async function putByFetch(
  url: string,
  body: Blob,
  headers: Record<string, string>,
  { signal }: UploadOptions,
): Promise<void> {
  const ended = new AbortController();
  const abort = () => ended.abort();
  const timer = setTimeout(abort, STALLED_MS + body.size / SLOWEST_BYTES_PER_MS);
  signal.addEventListener("abort", abort);
  try {
    const response = await fetch(url, { method: "PUT", headers, body, signal: ended.signal });
    const text = await response.text();
    if (!response.ok) throw refusal(response.status, text);
  } catch (error) {
    throw error instanceof ChatError ? error : unreached();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

const unreached = () => new ChatError("offline", 0, "The file could not be sent.");

function refusal(status: number, text: string): ChatError {
  try {
    return storageError({ status, ...JSON.parse(text) as { message: string } });
  } catch {
    return storageError({ status, message: text });
  }
}
