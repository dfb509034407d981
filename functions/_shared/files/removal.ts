import { unavailable } from "../base/errors.ts";
import { claimFiles, filesRemoved } from "../db/db.ts";
import { callStorage } from "./storage_service.ts";

const BATCH = 100;
const MOST_MS = 20_000;

/**
 * Removes from Storage the files that no message needs any more, and the pictures of deleted accounts. A file that is gone already is no error, so a request that
 * was cut off is repeated as a whole.
 * @returns how many it removed.
 */
export async function removeFiles(): Promise<number> {
  const until = Date.now() + MOST_MS;
  return await removeFrom("chat-files", until) + await removeFrom("avatars", until);
}

async function removeFrom(bucket: string, until: number): Promise<number> {
  let removed = 0;
  for (let isFull = true; isFull && Date.now() < until;) {
    const paths = await claimFiles(BATCH, bucket);
    isFull = paths.length === BATCH;
    if (paths.length === 0) break;
    const answer = await callStorage(`object/${bucket}`, {
      method: "DELETE",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ prefixes: paths }),
    });
    if (!answer.ok) {
      console.error(`Storage has not removed ${paths.length} files: ${answer.status} ${await answer.text()}`);
      throw unavailable();
    }
    await answer.body?.cancel();
    await filesRemoved(paths);
    removed += paths.length;
  }
  return removed;
}
