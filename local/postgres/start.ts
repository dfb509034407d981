import { join } from "node:path";
import postgres from "postgres";
import type { DataFolder } from "../base/data_folder.ts";
import type { Keys } from "../base/keys.ts";
import { log } from "../base/terminal.ts";
import { keepPartitions } from "./partitions.ts";
import type { PostgresPaths } from "./paths.ts";
import { Server } from "./server.ts";
import { bootstrap, finishSetup, prepareCluster } from "./setup.ts";

/** Often: a laptop that slept for days wakes up on a day without a partition, and events would be lost silently. */
const PARTITIONS_CHECK_MS = 10_000;

/**
 * Starts Postgres with the platform's objects in it, and maintains the partitions as the platform does.
 * @throws CliError when the data folder cannot be used, or the port is taken.
 */
export async function startPostgres(
  folder: DataFolder,
  paths: PostgresPaths,
  keys: Keys,
  port: number,
  cleanup: AsyncDisposableStack,
): Promise<Server> {
  const isNew = await prepareCluster(folder, paths, keys.admin_password);
  const server = new Server(paths, port || freePort(), join(folder.path, "postgres.log"));
  cleanup.defer(() => server.stop());
  await server.start();
  const admin = postgres(adminUrl(keys, server.port), { max: 1, onnotice: () => {} });
  cleanup.defer(() => admin.end({ timeout: 1 }));
  if (isNew) {
    log("Setting up the platform's roles, schemas and functions …");
    await bootstrap(admin, keys);
    await finishSetup(folder);
  }
  await keepPartitions(admin);
  const timer = setInterval(() => {
    if (server.isUp) keepPartitions(admin).catch((error) => server.isUp && log(`Partitions: ${error.message}`));
  }, PARTITIONS_CHECK_MS);
  cleanup.defer(() => clearInterval(timer));
  return server;
}

/** The database's address for its superuser. */
export function adminUrl({ admin_password }: Keys, port: number): string {
  return `postgresql://supabase_admin:${admin_password}@127.0.0.1:${port}/postgres`;
}

/** A free port below the range of outgoing connections, one of which might take it. */
function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
