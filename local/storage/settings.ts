import type { StorageConfig } from "../base/config.ts";
import { CliError } from "../base/terminal.ts";
import type { Database } from "./database.ts";

const UNITS = ["b", "k", "m", "g", "t"];

/**
 * The bytes of a size in `config.toml`, as the Supabase CLI reads it: a kilobyte has 1024.
 * @throws CliError
 */
export function sizeOf(size: string | number): number {
  const [, value, unit] = /^(\d+(?:\.\d+)?) *(?:([bkmgt])(?:i?b)?)?$/i.exec(String(size)) ?? [];
  if (!value) throw new CliError(`supabase/config.toml names a size that cannot be read: ${size}.`);
  return Math.floor(Number(value) * 1024 ** Math.max(0, UNITS.indexOf((unit ?? "b").toLowerCase())));
}

/** Makes the buckets of `config.toml`, or gives those that are there their settings. */
export async function declareBuckets(
  { sql }: Database,
  { buckets = {}, file_size_limit }: StorageConfig,
): Promise<void> {
  for (const [id, bucket] of Object.entries(buckets)) {
    const row = {
      id,
      name: id,
      public: bucket.public ?? false,
      file_size_limit: sizeOf(bucket.file_size_limit ?? file_size_limit),
      allowed_mime_types: bucket.allowed_mime_types ?? null,
    };
    await sql`insert into storage.buckets ${sql(row as never)} on conflict (id) do update set
      public = excluded.public,
      file_size_limit = excluded.file_size_limit,
      allowed_mime_types = excluded.allowed_mime_types`;
  }
}
