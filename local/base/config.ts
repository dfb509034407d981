import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import { CliError } from "./terminal.ts";

/** The folder that holds `supabase/`. */
export const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The part of `supabase/config.toml` that `local/` reads; Auth and the Data API read more. */
export interface ProjectConfig {
  api: Section & { port: number; schemas: string[]; extra_search_path: string[] };
  db: Section & { port: number };
  auth: Section & { external?: Record<string, ExternalProvider> };
  storage: Section & StorageConfig;
  functions: Record<string, FunctionConfig>;
}

/** A table of the TOML file. */
export type Section = Record<string, unknown>;

/** `[auth.external.<provider>]`. */
export interface ExternalProvider {
  enabled?: boolean;
  client_id?: string;
  secret?: string;
  redirect_uri?: string;
  skip_nonce_check?: boolean;
}

/** `[storage]`. */
export interface StorageConfig {
  file_size_limit: string;
  buckets?: Record<string, BucketConfig>;
}

/** `[storage.buckets.<name>]`. */
export interface BucketConfig {
  public?: boolean;
  file_size_limit?: string;
  allowed_mime_types?: string[];
}

/** `[functions.<name>]`. */
export interface FunctionConfig {
  enabled?: boolean;
  verify_jwt?: boolean;
  /** Relative to `supabase/`. */
  entrypoint?: string;
}

/**
 * Reads `supabase/config.toml`; `env(NAME)` becomes the value of that environment variable, or undefined.
 * @throws CliError when the file is missing or is not TOML.
 */
export async function projectConfig(): Promise<ProjectConfig> {
  const path = join(PROJECT_ROOT, "supabase", "config.toml");
  const file = await parseFile(path) as Partial<ProjectConfig>;
  return {
    api: { port: 54321, schemas: ["public"], extra_search_path: ["public", "extensions"], ...file.api },
    db: { port: 54322, ...file.db },
    auth: { ...file.auth },
    storage: { file_size_limit: "50MiB", ...file.storage },
    functions: { ...file.functions },
  };
}

/** The path of a function's entry point. */
export function entrypoint(name: string, { entrypoint }: FunctionConfig): string {
  return resolve(PROJECT_ROOT, "supabase", entrypoint ?? `./functions/${name}/index.ts`);
}

async function parseFile(path: string): Promise<unknown> {
  try {
    return withEnvironment(parse(await Deno.readTextFile(path)));
  } catch (error) {
    throw new CliError(`${path} cannot be read: ${(error as Error).message.split("\n")[0]}`);
  }
}

function withEnvironment(value: unknown): unknown {
  if (typeof value === "string") {
    const name = /^env\((\w+)\)$/.exec(value)?.[1];
    return name ? Deno.env.get(name) : value;
  }
  if (Array.isArray(value)) return value.map(withEnvironment);
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withEnvironment(inner)]));
}
