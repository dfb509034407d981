import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { MAX_PICTURE_BYTES, pictureKind } from "../../../functions/_shared/accounts/picture_kinds.ts";
import type { Project } from "../project.ts";
import { Refusal } from "../refusal.ts";

/** The URL of a picture, or why it does not come. */
export type Stored = { url: string | null } | { reason: string };

/** Puts the pictures of an old backend into the bucket `avatars`. */
export class Pictures {
  readonly #bucket;

  private constructor(
    private readonly folder: string,
    { apiUrl, secretKey }: Project,
    private readonly isDryRun: boolean,
  ) {
    const options = { auth: { persistSession: false, autoRefreshToken: false } };
    this.#bucket = createClient(apiUrl, secretKey, options).storage.from("avatars");
  }

  /**
   * @param folder the old backend's MEDIA_ROOT.
   * @param isDryRun whether nothing is uploaded.
   * @throws Refusal when the folder cannot be read.
   */
  static async open(folder: string, project: Project, isDryRun: boolean): Promise<Pictures> {
    const path = await realpath(folder).catch(() => undefined);
    if (!path || !(await stat(path)).isDirectory()) throw new Refusal(`${folder} is not a folder that can be read.`);
    return new Pictures(path, project, isDryRun);
  }

  /**
   * Uploads a picture, unless it is there from an earlier import.
   * @param person whose folder in the bucket it goes to.
   * @param name the path below MEDIA_ROOT, or below its URL `/media/`.
   * @throws Error when Storage fails: the import can be started again.
   */
  async store(person: string, name: string): Promise<Stored> {
    const file = await this.#find(name);
    if (!file) return { reason: "a picture that is not in the folder of --media" };
    if (file.size > MAX_PICTURE_BYTES) return { reason: "a picture of more than 2 MB" };
    const bytes = await readFile(file.path);
    const kind = pictureKind(bytes);
    if (!kind) return { reason: "a picture that is not PNG, JPEG, WebP or GIF" };
    if (this.isDryRun) return { url: null };
    const path = `${person}/${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}.${kind.ending}`;
    const { error } = await this.#bucket.upload(path, bytes, { contentType: kind.type, cacheControl: "31536000" });
    const { statusCode, message } = (error ?? {}) as { statusCode?: string; message?: string };
    if (statusCode === "413" || statusCode === "415") {
      return { reason: "a picture that the bucket avatars does not take" };
    }
    if (error && statusCode !== "409") throw new Error(`Storage does not take pictures: ${message}.`);
    return { url: this.#bucket.getPublicUrl(path).data.publicUrl };
  }

  async #find(name: string): Promise<{ path: string; size: number } | undefined> {
    const below = name.replace(/^\/+/, "");
    for (const path of [below, below.replace(/^media\//, "")]) {
      const found = await realpath(join(this.folder, path)).catch(() => undefined);
      // A name, or a link, may lead out of the folder.
      if (!found?.startsWith(this.folder + sep)) continue;
      const stats = await stat(found);
      if (stats.isFile()) return { path: found, size: stats.size };
    }
    return undefined;
  }
}
