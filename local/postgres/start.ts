import { join } from "node:path";
import postgres from "postgres";
import type { DataFolder } from "../base/data_folder.ts";
import { freePort } from "../base/free_port.ts";
import type { Keys } from "../base/keys.ts";
import { log } from "../base/terminal.ts";
import type { Migration } from "./migration_files.ts";
import { keepPartitions } from "./partitions.ts";
import type { PostgresPaths } from "./paths.ts";
import { Server } from "./server.ts";
import { type Accounts, prepareCluster, setUp } from "./setup.ts";
import { copyBeforeUpgrade } from "./upgrade.ts";

/** Often: a laptop that slept for days wakes up on a day without a partition, and events would be lost silently. */
const PARTITIONS_CHECK_MS = 10_000;

/**
 * Starts Postgres with the platform's objects in it, and maintains the partitions as the platform does. Data of an older
 * release are copied first; the migrations that it lacks are not yet applied.
 * @throws CliError when the data folder cannot be used, or the port is taken.
 */
export async function startPostgres(
  folder: DataFolder,
  paths: PostgresPaths,
  keys: Keys,
  accounts: Accounts,
  port: number,
  migrations: Migration[],
  cleanup: AsyncDisposableStack,
): Promise<Server> {
  const lack = await prepareCluster(folder, paths, accounts, keys.admin_password);
  let server = await startServer(folder, paths, port || freePort(), cleanup);
  if (!lack.isNew) {
    const hasStopped = await copyBeforeUpgrade(
      folder,
      paths,
      adminUrl(keys, server.port),
      server,
      migrations,
      lack.steps,
    );
    if (hasStopped) server = await startServer(folder, paths, server.port, cleanup);
  }
  const admin = postgres(adminUrl(keys, server.port), { max: 1, onnotice: () => {} });
  cleanup.defer(() => admin.end({ timeout: 1 }));
  if (lack.isNew) log("Setting up the platform's roles, schemas and functions …");
  await setUp(admin, folder, keys, lack);
  await keepPartitions(admin);
  const timer = setInterval(() => {
    if (server.isUp) keepPartitions(admin).catch((error) => server.isUp && log(`Partitions: ${error.message}`));
  }, PARTITIONS_CHECK_MS);
  cleanup.defer(() => clearInterval(timer));
  return server;
}

async function startServer(folder: DataFolder, paths: PostgresPaths, port: number, cleanup: AsyncDisposableStack) {
  const server = new Server(paths, port, join(folder.path, "postgres.log"));
  cleanup.defer(() => server.stop());
  await server.start();
  return server;
}

/** The database's address for its superuser. */
export function adminUrl({ admin_password }: Keys, port: number): string {
  return `postgresql://supabase_admin:${admin_password}@127.0.0.1:${port}/postgres`;
}
