import { become, type Context, type Database, lockObject } from "./database.ts";
import { type Caller, service } from "./callers.ts";
import { accessDenied, noSuchBucket, StorageError, tooLarge } from "./errors.ts";
import type { Files } from "./files.ts";
import type { Incoming } from "./incoming.ts";
import { isEmptyFolder, requireAllowedType, requireBucketName, requireKey } from "./names.ts";
import * as rows from "./object_rows.ts";
import type { Bucket, Metadata, Place, StoredObject } from "./rows.ts";

/** Who uploads, and whether an object may be replaced. */
export interface Upload {
  caller: Caller;
  /** The person that owns the object; another one than the caller where a signed URL names one. */
  owner: string | undefined;
  isUpsert: boolean;
}

/** What a copy differs in from its original. */
export interface CopyOptions {
  isUpsert: boolean;
  copyMetadata: boolean;
  metadata: Pick<Partial<Metadata>, "cacheControl" | "mimetype">;
  userMetadata: Record<string, unknown> | undefined;
}

/** Objects: rows, on which the policies decide, and their files. */
export class Objects {
  constructor(readonly database: Database, readonly files: Files, readonly maxBytes: number) {}

  /**
   * Stores an upload.
   * @throws StorageError when the policies or the bucket refuse it; then nothing is left of it.
   */
  async upload(place: Place, read: () => Promise<Incoming>, upload: Upload, context: Context): Promise<StoredObject> {
    requireBucketName(place.bucket);
    const bucket = await this.#bucket(place.bucket, context);
    const incoming = await read();
    const limit = this.#limit(place, bucket, incoming);
    requireKey(place.name);
    const { mimetype, cacheControl, userMetadata } = incoming;
    const announced = { mimetype, contentLength: incoming.declared };
    await this.requireUpload(place, upload, announced, userMetadata, context);
    const version = crypto.randomUUID();
    const { size, digest } = await this.files.write(version, incoming.content, limit);
    const metadata = {
      eTag: `"${digest}"`,
      size,
      mimetype,
      cacheControl,
      lastModified: new Date().toISOString(),
      contentLength: size,
      httpStatusCode: 200,
    };
    const { owner } = upload;
    return await this.#place({ ...place, owner, version, metadata, userMetadata: userMetadata ?? {} }, context);
  }

  /** Whether the caller may upload: asked before the content is read, or a URL is signed. @throws StorageError */
  async requireUpload(
    place: Place,
    { caller, owner, isUpsert }: Upload,
    metadata: Partial<Metadata>,
    userMetadata: Record<string, unknown> | undefined,
    context: Context,
  ): Promise<void> {
    requireBucketName(place.bucket);
    await this.database.mayDo(caller, context, (sql) => {
      const row = { ...place, owner, version: "1", metadata, userMetadata };
      return isUpsert ? rows.upsert(sql, row) : rows.insert(sql, row);
    });
  }

  /** The object at a place. @throws StorageError when there is none that the caller may see. */
  find(place: Place, caller: Caller, context: Context): Promise<StoredObject> {
    requireBucketName(place.bucket);
    requireKey(place.name);
    return this.database.as(caller, context, (sql) => rows.find(sql, place));
  }

  /**
   * The object at a place: everybody's in a public bucket, otherwise the caller's, if the policies say so.
   * @param caller undefined when the request has no valid token.
   * @throws StorageError
   */
  async readable(place: Place, caller: Caller | undefined, context: Context): Promise<StoredObject> {
    requireBucketName(place.bucket);
    const bucket = await this.#bucket(place.bucket, context);
    if (!caller && !bucket.public) throw noSuchBucket();
    return await this.find(place, bucket.public || !caller ? service() : caller, context);
  }

  /** The object at a place of a public bucket. @throws StorageError */
  async public(place: Place, context: Context): Promise<StoredObject> {
    requireBucketName(place.bucket);
    if (!(await this.#bucket(place.bucket, context)).public) throw noSuchBucket();
    return await this.find(place, service(), context);
  }

  /** Which of the names the caller may see. */
  async visible(bucket: string, names: string[], caller: Caller, context: Context): Promise<Set<string>> {
    requireBucketName(bucket);
    const found = await this.database.as(caller, context, (sql) =>
      sql<{ name: string }[]>`
        select name from storage.objects where bucket_id = ${bucket} and name = any(${names}::text[])`);
    return new Set(found.map(({ name }) => name));
  }

  /** Deletes one object. @throws StorageError */
  async delete(place: Place, caller: Caller, context: Context): Promise<void> {
    requireBucketName(place.bucket);
    const { version } = await this.database.asService(context, async (sql) => {
      const object = await rows.find(sql, place, true);
      await become(sql, caller, context);
      const deleted = await sql`
        delete from storage.objects where bucket_id = ${place.bucket} and name = ${place.name} returning id`;
      if (deleted.length === 0) throw accessDenied();
      return object;
    });
    await this.#removeFiles([{ version }]);
  }

  /** Deletes those of the names that the caller may delete, and returns their rows. */
  async deleteMany(
    bucket: string,
    names: string[],
    caller: Caller,
    context: Context,
  ): Promise<Record<string, unknown>[]> {
    requireBucketName(bucket);
    const deleted = await this.database.as(caller, context, (sql) =>
      sql<StoredObject[]>`
        delete from storage.objects where bucket_id = ${bucket} and name = any(${names}::text[]) returning *`);
    await this.#removeFiles(deleted);
    return deleted.map(withoutGenerated);
  }

  /** Deletes all objects of a bucket that are older than `before`, whatever the policies say. */
  async deleteAll(bucket: string, before: Date, context: Context): Promise<void> {
    const deleted = await this.database.asService(context, (sql) =>
      sql<{ version: string | null }[]>`
        delete from storage.objects where bucket_id = ${bucket} and created_at < ${before} returning version`);
    await this.#removeFiles(deleted);
  }

  /** Moves an object; its file stays where it is. @throws StorageError */
  async move(from: Place, to: Place, caller: Caller, context: Context): Promise<StoredObject> {
    requireBucketName(from.bucket);
    requireKey(to.name);
    await this.database.mayDo(caller, context, async (sql) => {
      await rows.find(sql, from);
      await rows.move(sql, from, to, caller.owner);
    });
    return await this.database.asService(context, async (sql) => {
      await lockObject(sql, to.bucket, to.name);
      return await rows.move(sql, from, to, caller.owner);
    });
  }

  /** Copies an object. @throws StorageError */
  async copy(
    from: Place,
    to: Place,
    caller: Caller,
    { isUpsert, copyMetadata, metadata, userMetadata }: CopyOptions,
    context: Context,
  ): Promise<Record<string, unknown>> {
    requireBucketName(from.bucket);
    requireKey(to.name);
    const original = await this.database.as(caller, context, (sql) => rows.find(sql, from));
    const changed = copyMetadata ? original.metadata : { ...original.metadata, ...metadata };
    const ofPeople = copyMetadata ? original.user_metadata : userMetadata;
    const upload = { caller, owner: caller.owner, isUpsert };
    await this.requireUpload(to, upload, changed ?? {}, ofPeople ?? undefined, context);
    const version = crypto.randomUUID();
    await this.files.copy(original.version ?? "", version);
    const lastModified = new Date().toISOString();
    const copy = {
      ...to,
      owner: caller.owner,
      version,
      metadata: { ...changed, lastModified },
      userMetadata: ofPeople,
    };
    return withoutGenerated(await this.#place(copy, context));
  }

  async #bucket(id: string, context: Context): Promise<Bucket> {
    const [bucket] = await this.database.asService(
      context,
      (sql) =>
        sql<Bucket[]>`select id, public, file_size_limit, allowed_mime_types from storage.buckets where id = ${id}`,
    );
    if (!bucket) throw noSuchBucket();
    return bucket;
  }

  /** The bytes that an upload may have. @throws StorageError when the bucket refuses what it says of itself. */
  #limit({ name }: Place, { file_size_limit, allowed_mime_types }: Bucket, { mimetype, declared }: Incoming): number {
    if (isEmptyFolder(name)) return 0;
    requireAllowedType(mimetype, allowed_mime_types);
    const limit = Math.min(this.maxBytes, file_size_limit === null ? Infinity : Number(file_size_limit));
    if (declared !== undefined && declared > limit + MAX_FORM_BYTES) throw tooLarge();
    return limit;
  }

  /** Writes the row of a file that is stored, and removes the file that it replaces. */
  async #place(object: rows.NewObject, context: Context): Promise<StoredObject & Record<string, unknown>> {
    const { version } = object;
    try {
      const [replaced, placed] = await this.database.asService(context, async (sql) => {
        await lockObject(sql, object.bucket, object.name);
        return [await rows.lookUp(sql, object, true), await rows.upsert(sql, object)] as const;
      });
      if (replaced) await this.#removeFiles([replaced]);
      return placed;
    } catch (error) {
      // If the connection was lost, nobody knows whether the row is there: the next start removes the file if it is not.
      if (error instanceof StorageError) await this.files.remove([version]);
      throw error;
    }
  }

  /** A file that cannot be removed is removed at the next start. */
  async #removeFiles(objects: { version: string | null }[]): Promise<void> {
    const versions = objects.flatMap(({ version }) => version ?? []);
    await this.files.remove(versions).catch((error) => console.error(error));
  }
}

/** What the form around a file may add to the length of a body. */
const MAX_FORM_BYTES = 2 * 1024 * 1024;

const GENERATED = ["path_tokens"];

function withoutGenerated(row: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !GENERATED.includes(name)));
}
