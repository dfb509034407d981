import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readJson, writeJson } from "./json_file.ts";
import type { Keys } from "./keys.ts";

/** The addresses and keys of a running stack, for `npm run status` and the tests. */
export interface Status extends Omit<Keys, "admin_password"> {
  api_url: string;
  functions_url: string;
  db_url: string;
  /** The address of the replica, where one runs. */
  replica_url?: string;
  /** The address of the public signing keys. */
  jwks: string;
  pid: number;
  /** The addresses of APIs with a port of their own, by name. */
  served: Record<string, string>;
  /** The address of the chat page, where it is not that of the API. */
  page_url?: string;
}

/** Reads a `status.json`; undefined when there is none. */
export function readStatus(path: string): Promise<Status | undefined> {
  return readJson<Status>(path);
}

export function writeStatus(folder: string, status: Status): Promise<void> {
  return writeJson(join(folder, "status.json"), status);
}

export function removeStatus(folder: string): Promise<void> {
  return rm(join(folder, "status.json"), { force: true });
}

/** The addresses and keys as `supabase status -o env` names them. */
export function environment(status: Status): Record<string, string> {
  return {
    API_URL: status.api_url,
    FUNCTIONS_URL: status.functions_url,
    DB_URL: status.db_url,
    PUBLISHABLE_KEY: status.publishable_key,
    SECRET_KEY: status.secret_key,
    ANON_KEY: status.anon_key,
    SERVICE_ROLE_KEY: status.service_role_key,
    JWT_SECRET: status.jwt_secret,
  };
}

/** The addresses and keys as a table for people. */
export function table(status: Status): string {
  const rows = {
    "API URL": status.api_url,
    "Functions URL": status.functions_url,
    "Database URL": status.db_url,
    "Publishable key": status.publishable_key,
    "Secret key": status.secret_key,
    ...Object.fromEntries(Object.entries(status.served).map(([name, url]) => [`API ${name}`, url])),
  };
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  return Object.entries(rows).map(([name, value]) => `${name.padStart(width)}: ${value}`).join("\n");
}
