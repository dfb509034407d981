import type { Connection } from "../connection/connection.ts";
import { uuid } from "../util/ids.ts";
import { fromStorage } from "../util/storage_answer.ts";

/** The endings of the types that the bucket takes. */
const ENDINGS: Record<string, string> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
  "image/gif": "gif",
};

/** Another picture has another name, so browsers may keep each. */
const CACHE_S = "31536000";

interface Place {
  /** The id of the person or the room. */
  folder: string;
  /** The URL of the picture that is shown now. */
  earlier: string | null;
}

/**
 * Puts another picture into the place of the one that a person or a room shows, and deletes that one.
 * @param picture the picture, or `null` for none
 * @param show stores its URL
 * @returns what `show` returns
 * @throws ChatError invalid_value (no such picture, or too large), not_allowed, and what `show` throws
 */
export async function replacePicture<T>(
  { supabase }: Connection,
  { folder, earlier }: Place,
  picture: Blob | null,
  show: (url: string | null) => Promise<T>,
): Promise<T> {
  const bucket = supabase.storage.from("avatars");
  const urlOf = (path: string) => bucket.getPublicUrl(path).data.publicUrl;
  // What cannot be deleted now harms nobody.
  const remove = (path: string) => bucket.remove([path]).catch(() => {});
  const path = picture && `${folder}/${uuid()}.${ENDINGS[picture.type] ?? "bin"}`;
  if (path) await fromStorage(bucket.upload(path, picture, { contentType: picture.type, cacheControl: CACHE_S }));
  let shown: T;
  try {
    shown = await show(path && urlOf(path));
  } catch (error) {
    if (path) await remove(path);
    throw error;
  }
  const own = urlOf(`${folder}/`);
  // One that is elsewhere is not ours.
  if (earlier?.startsWith(own)) await remove(`${folder}/${earlier.slice(own.length)}`);
  return shown;
}
