import { dirname, join } from "node:path";
import postgres from "postgres";
import type { DataFolder } from "../base/data_folder.ts";
import { freePort } from "../base/free_port.ts";
import type { Keys } from "../base/keys.ts";
import { log } from "../base/terminal.ts";
import { giveTo } from "./copy.ts";
import { type PostgresPaths, removeCluster } from "./paths.ts";
import { Server } from "./server.ts";
import { adminUrl } from "./start.ts";

/** Folders of a running server that are of no use to another: their contents are made again, or streamed. */
const LEFT_EMPTY = [
  "pg_dynshmem",
  "pg_notify",
  "pg_replslot",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
  "pg_wal",
];
const LEFT_OUT = ["postmaster.pid", "postmaster.opts", "backup_label", "standby.signal"];

/** Stops a replica that a killed stack has left, and removes its files. */
export const removeReplica = (paths: PostgresPaths): Promise<void> => removeCluster(replicaOf(paths));

/**
 * Copies the running database, and starts a second server on the copy, which follows the first by streaming replication.
 * @returns its address.
 */
export async function startReplica(
  folder: DataFolder,
  paths: PostgresPaths,
  keys: Keys,
  primaryPort: number,
  cleanup: AsyncDisposableStack,
): Promise<string> {
  log("Making a replica of the database …");
  const copy = replicaOf(paths);
  const admin = postgres(adminUrl(keys, primaryPort), { max: 1, onnotice: () => {} });
  try {
    // While this connection stands, the primary keeps the log that the copy will need.
    await admin`select pg_create_physical_replication_slot('parley_copy', true, true)`;
    await admin`select pg_backup_start('parley', true)`;
    await copyFiles(paths.cluster, copy.cluster);
    const [backup] = await admin<[{ labelfile: string }]>`select labelfile from pg_backup_stop(false)`;
    await Deno.writeTextFile(join(copy.cluster, "backup_label"), backup.labelfile);
    await Deno.writeTextFile(join(copy.cluster, "standby.signal"), "");
    await Deno.writeTextFile(join(copy.cluster, "postgresql.auto.conf"), replication(keys, primaryPort), {
      append: true,
    });
    if (paths.user) await giveTo(paths.user, copy.cluster);
    const server = new Server(copy, freePort(), join(folder.path, "replica.log"));
    cleanup.defer(() => server.stop());
    await server.start();
    await isStreaming(admin);
    return `postgresql://postgres:postgres@127.0.0.1:${server.port}/postgres`;
  } finally {
    await admin.end({ timeout: 1 });
  }
}

const replicaOf = (paths: PostgresPaths): PostgresPaths => ({
  ...paths,
  cluster: join(dirname(paths.cluster), "replica"),
});

const replication = ({ admin_password }: Keys, port: number) =>
  `primary_conninfo = 'host=127.0.0.1 port=${port} user=supabase_admin password=${admin_password} application_name=replica'
wal_receiver_create_temp_slot = on
`;

async function copyFiles(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { mode: 0o700 });
  await copyFolder(from, to, true);
}

/** Postgres creates and deletes files during the copy: the log contains what the copy lacks. */
async function copyFolder(from: string, to: string, isRoot = false): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isRoot && LEFT_OUT.includes(name) || name.startsWith("pgsql_tmp")) continue;
    const [source, target] = [join(from, name), join(to, name)];
    try {
      if (!isDirectory) await Deno.copyFile(source, target);
      else {
        await Deno.mkdir(target, { mode: 0o700 });
        if (!isRoot || !LEFT_EMPTY.includes(name)) await copyFolder(source, target);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

async function isStreaming(admin: postgres.Sql): Promise<void> {
  while (
    !(await admin`select from pg_stat_replication where application_name = 'replica' and state = 'streaming'`).length
  ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
