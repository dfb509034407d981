import { Buffer } from "node:buffer";
import type { Caller } from "./callers.ts";
import type { Context, Database } from "./database.ts";
import { StorageError } from "./errors.ts";
import { requireBucketName } from "./names.ts";

/** How the objects below a prefix are listed. */
export interface Search {
  prefix: string;
  limit?: number;
  offset?: number;
  search?: string;
  sortBy?: { column: string; order?: string };
}

/** How they are listed page by page. */
export interface PageSearch {
  prefix?: string;
  limit?: number;
  cursor?: string;
  with_delimiter?: boolean;
  sortBy?: { column: string; order?: string };
}

/** An entry: an object, or a folder, which has no id. */
interface Entry {
  id: string | null;
  name: string;
  created_at: Date | null;
  updated_at: Date | null;
}

/** Where the next page begins. */
interface Cursor {
  after: string;
  time?: string;
  column: string;
  order: string;
}

const DEFAULT_LIMIT = 100;
const MAX_PAGE = 1000;
/** Where the order is not one of times, all have the same. */
const EPOCH = new Date(0).toISOString();

/** Lists the objects that the caller may see, and the folders on the way to them. */
export class Listing {
  constructor(readonly database: Database) {}

  async search(bucket: string, { prefix, limit, offset, search, sortBy }: Search, caller: Caller, context: Context) {
    requireBucketName(bucket);
    const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    const wanted = search ?? "";
    const levels = (folder + wanted).split("/").length;
    return await this.database.as(
      caller,
      context,
      (sql) =>
        sql`select * from storage.search(${folder}, ${bucket}, ${limit ?? DEFAULT_LIMIT}, ${levels}, ${offset ?? 0},
        ${wanted}, ${sortBy?.column ?? "name"}, ${sortBy?.order ?? "asc"})`,
    );
  }

  /** @throws StorageError when the cursor cannot be read. */
  async page(bucket: string, search: PageSearch, caller: Caller, context: Context) {
    requireBucketName(bucket);
    const limit = Math.min(search.limit ?? MAX_PAGE, MAX_PAGE);
    const cursor = search.cursor ? decoded(search.cursor) : undefined;
    const column = cursor?.column ?? search.sortBy?.column ?? "name";
    const order = cursor?.order ?? search.sortBy?.order ?? "asc";
    const from = { after: cursor?.after ?? "", time: cursor?.time ?? "", column, order };
    const found = await this.#entries(bucket, search, from, limit + 1, caller, context);
    const entries = found.slice(0, limit).map((entry) => entry.id ? entry : { ...entry, name: `${entry.name}/` });
    const hasNext = found.length > limit;
    const last = entries.at(-1);
    const time = last?.[column as "created_at" | "updated_at"] as Date | string | null | undefined;
    const next = { after: last?.name ?? "", column, order, ...(time instanceof Date && { time: time.toISOString() }) };
    return {
      hasNext,
      ...(hasNext && { nextCursor: encoded(next), nextCursorKey: last?.name }),
      folders: entries.filter(({ id }) => id === null),
      objects: entries.filter(({ id }) => id !== null),
    };
  }

  #entries(
    bucket: string,
    { prefix = "", with_delimiter }: PageSearch,
    { after, time = "", column, order }: Cursor,
    limit: number,
    caller: Caller,
    context: Context,
  ): Promise<Entry[]> {
    return this.database.as(caller, context, async (sql) => {
      if (with_delimiter) {
        return await sql<Entry[]>`select * from storage.search_v2(${prefix}, ${bucket}, ${limit},
          ${prefix.split("/").length}, ${after}, ${order}, ${column}, ${time})`;
      }
      const isTime = column === "created_at" || column === "updated_at";
      const moment = isTime ? sql`date_trunc('milliseconds', ${sql(column)})` : sql`'epoch'::timestamptz`;
      const [way, beyond] = order === "desc" ? [sql`desc`, sql`<`] : [sql`asc`, sql`>`];
      const start = after === ""
        ? sql``
        : sql`and (${moment}, name collate "C") ${beyond} (${time || EPOCH}::timestamptz, ${after}::text collate "C")`;
      return await sql<Entry[]>`
        select id, name, metadata, updated_at, created_at, last_accessed_at from storage.objects
        where bucket_id = ${bucket} and starts_with(name, ${prefix}) ${start}
        order by ${moment} ${way}, name collate "C" ${way} limit ${limit}`;
    });
  }
}

const encoded = (cursor: Cursor) => Buffer.from(JSON.stringify(cursor)).toString("base64");

function decoded(text: string): Cursor {
  try {
    const { after, time, column, order } = JSON.parse(Buffer.from(text, "base64").toString());
    return {
      after: String(after),
      ...(time && { time: new Date(time).toISOString() }),
      column: String(column),
      order: String(order),
    };
  } catch {
    throw new StorageError(400, "InvalidParameter", "Invalid Parameter continuation token");
  }
}
