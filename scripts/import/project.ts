import process from "node:process";
import { Refusal } from "./refusal.ts";
import { runningStack } from "./running_stack.ts";

/** A project, with all rights. */
export interface Project {
  dbUrl: string;
  apiUrl: string;
  secretKey: string;
}

/**
 * The project that the options name, or the stack that runs on the data folder.
 * @throws Refusal when they name a part of one, with the usage, or when no stack runs.
 */
export async function projectOf(
  { "db-url": dbUrl, "api-url": apiUrl, data }: { "db-url"?: string; "api-url"?: string; data: string },
  usage: string,
): Promise<Project> {
  const { SECRET_KEY: secretKey } = process.env;
  if (dbUrl && apiUrl && secretKey) return { dbUrl, apiUrl, secretKey };
  if (dbUrl || apiUrl) throw new Refusal(usage);
  const { db_url, api_url, secret_key } = await runningStack(data);
  return { dbUrl: db_url, apiUrl: api_url, secretKey: secret_key };
}
