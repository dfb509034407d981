import type { Caller } from "./callers.ts";
import type { Context, Database } from "./database.ts";
import { alreadyExists, bucketNotEmpty, invalidBucketName, noSuchBucket, StorageError, tooLarge } from "./errors.ts";
import { bytesOf, requireBucketName, requireMimeTypes, uuidOrNull } from "./names.ts";
import type { Objects } from "./objects.ts";

/** What a bucket is made with, or changed to. */
export interface BucketOptions {
  public?: boolean;
  file_size_limit?: number | string | null;
  allowed_mime_types?: string[] | null;
}

/** How buckets are listed. */
export interface ListOptions {
  limit?: number;
  offset?: number;
  sortColumn?: "id" | "name" | "created_at" | "updated_at";
  sortOrder?: "asc" | "desc";
  search?: string;
}

type Row = Record<string, unknown>;

/** Buckets, on whose rows the policies decide. */
export class Buckets {
  constructor(readonly database: Database, readonly objects: Objects) {}

  /** @throws StorageError */
  async create(id: string, name: string, options: BucketOptions, caller: Caller, context: Context): Promise<void> {
    if (name.trim() !== name) throw invalidBucketName();
    requireBucketName(name);
    const row = {
      id,
      name,
      owner: uuidOrNull(caller.owner),
      owner_id: caller.owner ?? null,
      public: false,
      ...this.#columns(options),
    };
    try {
      await this.database.as(caller, context, (sql) => sql`insert into storage.buckets ${sql(row as never)}`);
    } catch (error) {
      const isKnown = error instanceof StorageError && error.code === "ResourceAlreadyExists";
      throw isKnown ? alreadyExists("BucketAlreadyExists") : error;
    }
  }

  /** @throws StorageError when there is none that the caller may see. */
  async get(id: string, caller: Caller, context: Context): Promise<Row> {
    const [bucket] = await this.database.as(caller, context, (sql) =>
      sql<Row[]>`
        select id, name, owner, public, created_at, updated_at, file_size_limit, allowed_mime_types
        from storage.buckets where id = ${id}`);
    if (!bucket) throw noSuchBucket();
    return withNumber(bucket);
  }

  async list(
    { limit, offset, sortColumn, sortOrder, search }: ListOptions,
    caller: Caller,
    context: Context,
  ): Promise<Row[]> {
    const pattern = search ? `%${search.replace(/[\\%_]/g, "\\$&")}%` : "%";
    const buckets = await this.database.as(caller, context, (sql) => {
      const order = sortColumn
        ? sql`order by ${sql(sortColumn)} ${sortOrder === "desc" ? sql`desc` : sql`asc`}`
        : sql``;
      return sql<Row[]>`
        select id, name, public, owner, created_at, updated_at, file_size_limit, allowed_mime_types, type
        from storage.buckets where name ilike ${pattern} ${order}
        limit ${limit ?? null} offset ${offset ?? 0}`;
    });
    return buckets.map(withNumber);
  }

  /** @throws StorageError */
  async update(id: string, options: BucketOptions, caller: Caller, context: Context): Promise<void> {
    requireBucketName(id);
    const columns = this.#columns(options);
    const changed = await this.database.as(
      caller,
      context,
      (sql) => sql`update storage.buckets set ${sql(columns as never)} where id = ${id} returning id`,
    );
    if (changed.length === 0) throw noSuchBucket();
  }

  /** Deletes an empty bucket. @throws StorageError */
  async delete(id: string, caller: Caller, context: Context): Promise<void> {
    await this.database.asService(context, async (sql) => {
      const [bucket] = await sql`select id from storage.buckets where id = ${id} for update`;
      if (!bucket) throw noSuchBucket();
      const [object] = await sql`select id from storage.objects where bucket_id = ${id} limit 1`;
      if (object) throw bucketNotEmpty();
    });
    const deleted = await this.database.as(
      caller,
      context,
      (sql) => sql`delete from storage.buckets where id = ${id} returning id`,
    );
    if (deleted.length === 0) throw noSuchBucket();
  }

  /**
   * Empties a bucket. As on the platform, anyone who may see the bucket and one of its objects may do so, and all objects
   * go; there it is done later.
   * @throws StorageError
   */
  async empty(id: string, caller: Caller, context: Context): Promise<void> {
    const before = new Date();
    await this.get(id, caller, context);
    const [seen] = await this.database.as(
      caller,
      context,
      (sql) => sql`select id from storage.objects where bucket_id = ${id} limit 1`,
    );
    if (seen) await this.objects.deleteAll(id, before, context);
  }

  #columns({ public: isPublic, file_size_limit, allowed_mime_types }: BucketOptions): Record<string, unknown> {
    const size = typeof file_size_limit === "string" ? bytesOf(file_size_limit) : file_size_limit;
    if (size && size > this.objects.maxBytes) throw tooLarge();
    if (allowed_mime_types) requireMimeTypes(allowed_mime_types);
    return {
      ...(isPublic !== undefined && { public: isPublic }),
      ...(size !== undefined && { file_size_limit: size }),
      ...(allowed_mime_types !== undefined && { allowed_mime_types: allowed_mime_types?.filter(Boolean) ?? null }),
    };
  }
}

/** A limit is a bigint, which the driver reads as text. */
const withNumber = (row: Row): Row => ({
  ...row,
  file_size_limit: row.file_size_limit === null ? null : Number(row.file_size_limit),
});
