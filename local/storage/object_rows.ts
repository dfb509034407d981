import type postgres from "postgres";
import { alreadyExists, noSuchKey, ofDatabase } from "./errors.ts";
import { uuidOrNull } from "./names.ts";
import type { Metadata, Place, StoredObject } from "./rows.ts";

type Sql = postgres.TransactionSql;

/** What is written about an object. */
export interface NewObject extends Place {
  owner: string | undefined;
  version: string;
  metadata: Partial<Metadata> | null;
  userMetadata: Record<string, unknown> | null | undefined;
}

const json = (sql: Sql, value: unknown) => value === undefined || value === null ? null : sql.json(value as never);

const columnsOf = (sql: Sql, { bucket, name, owner, version, metadata, userMetadata }: NewObject) => ({
  bucket_id: bucket,
  name,
  owner: uuidOrNull(owner),
  owner_id: owner ?? null,
  version,
  metadata: json(sql, metadata),
  user_metadata: json(sql, userMetadata),
});

/** @throws StorageError when there is one already. */
export async function insert(sql: Sql, object: NewObject): Promise<void> {
  try {
    await sql`insert into storage.objects ${sql(columnsOf(sql, object) as never)}`;
  } catch (error) {
    const refusal = ofDatabase(error);
    throw refusal?.code === "ResourceAlreadyExists" ? alreadyExists("KeyAlreadyExists") : refusal ?? error;
  }
}

/** Inserts an object, or changes the one that is there; an owner is kept where the writer is nobody. */
export async function upsert(sql: Sql, object: NewObject): Promise<StoredObject & Record<string, unknown>> {
  const [row] = await sql`insert into storage.objects ${sql(columnsOf(sql, object) as never)}
    on conflict (bucket_id, name) do update set
      owner = coalesce(excluded.owner, objects.owner),
      owner_id = coalesce(excluded.owner_id, objects.owner_id),
      version = excluded.version,
      metadata = excluded.metadata,
      user_metadata = coalesce(excluded.user_metadata, objects.user_metadata)
    returning *`;
  return row as StoredObject & Record<string, unknown>;
}

/** The object at a place; undefined when there is none that the role can see. */
export async function lookUp(
  sql: Sql,
  { bucket, name }: Place,
  isForUpdate = false,
): Promise<StoredObject | undefined> {
  const [row] = await sql<StoredObject[]>`
    select id, name, bucket_id, version, metadata, user_metadata, created_at, updated_at from storage.objects
    where bucket_id = ${bucket} and name = ${name} ${isForUpdate ? sql`for update` : sql``}`;
  return row;
}

/** @throws StorageError when there is none that the role can see. */
export async function find(sql: Sql, place: Place, isForUpdate = false): Promise<StoredObject> {
  const object = await lookUp(sql, place, isForUpdate);
  if (!object) throw noSuchKey();
  return object;
}

/** Moves an object. @throws StorageError when the role may not change it. */
export async function move(
  sql: Sql,
  { bucket, name }: Place,
  to: Place,
  owner: string | undefined,
): Promise<StoredObject> {
  const change = {
    bucket_id: to.bucket,
    name: to.name,
    ...(owner !== undefined && { owner_id: owner, owner: uuidOrNull(owner) }),
  };
  const [row] = await sql<StoredObject[]>`update storage.objects set ${sql(change as never)}
    where bucket_id = ${bucket} and name = ${name} returning *`;
  if (!row) throw noSuchKey();
  return row;
}
