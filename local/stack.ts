import { join } from "node:path";
import { type ProjectConfig, projectConfig } from "./base/config.ts";
import { type DataFolder, emptyDataFolder, openDataFolder } from "./base/data_folder.ts";
import { type Keys, loadKeys } from "./base/keys.ts";
import type { Options } from "./base/options.ts";
import { removeStatus, type Status, writeStatus } from "./base/status_file.ts";
import { log } from "./base/terminal.ts";
import { gotrueBackend, liteBackend } from "./gateway/backends.ts";
import { endBackground, loadFunctions, setEnvironment } from "./gateway/functions.ts";
import type { Backend, Services } from "./gateway/gateway.ts";
import { openListeners, watchMemory } from "./gateway/listeners.ts";
import { page } from "./gateway/page.ts";
import { Workers } from "./gateway/workers.ts";
import { Gotrue } from "./gotrue/process.ts";
import { LiteProcess } from "./lite/process.ts";
import { runJobs } from "./postgres/jobs.ts";
import { readMigrations } from "./postgres/migration_files.ts";
import { choosePaths, type PostgresPaths, removeCluster } from "./postgres/paths.ts";
import { removeReplica, startReplica } from "./postgres/replica.ts";
import type { Server } from "./postgres/server.ts";
import { adminUrl, startPostgres } from "./postgres/start.ts";
import { migrate } from "./postgres/upgrade.ts";
import { Realtime } from "./realtime/realtime.ts";
import { Storage } from "./storage/storage.ts";

/**
 * Starts everything. `cleanup` collects what stops it, even when the start fails or is interrupted.
 * @throws CliError when the person at the terminal can fix the cause.
 */
export async function runStack(options: Options, cleanup: AsyncDisposableStack): Promise<Status> {
  const config = await projectConfig();
  const folder = await openDataFolder(options.data);
  cleanup.defer(() => folder.lock.close());
  const listeners = openListeners(options);
  const paths = await choosePaths(folder.path);
  if (options.reset) await reset(folder, paths);
  await removeReplica(paths);
  const keys = await loadKeys(folder.path);
  const migrations = await readMigrations(options.isFromSql);
  const accounts = options.auth ? "gotrue" : "lite";
  const server = await startPostgres(folder, paths, keys, accounts, options.dbPort, migrations, cleanup);
  const dbUrl = `postgresql://postgres:postgres@127.0.0.1:${server.port}/postgres`;
  await setEnvironment(keys, listeners.apiUrl, dbUrl);
  const { auth, dataApi } = await startBackends(options, folder, config, keys, server, listeners.apiUrl, cleanup);
  await migrate(dbUrl, migrations, folder);
  const replicaUrl = options.replica ? await startReplica(folder, paths, keys, server.port, cleanup) : undefined;
  if (replicaUrl) Deno.env.set("DB_REPLICA_URL", replicaUrl);
  cleanup.defer(runJobs(dbUrl, (route) => wake(listeners.apiUrl, keys, route)));
  const storage = new Storage(keys, server.port, folder.path, config.storage);
  cleanup.defer(() => storage.stop());
  await storage.start();
  const realtime = new Realtime(keys, adminUrl(keys, server.port));
  await realtime.start();
  const workers = options.workers > 1
    ? new Workers(options.workers, join(folder.path, "functions.log"), server)
    : undefined;
  await workers?.start();
  const services: Services = {
    database: server,
    auth,
    dataApi,
    storage,
    realtime,
    functions: workers ? workers.functions(config) : await loadFunctions(config, keys),
    page: page(keys.publishable_key, () => about),
  };
  const status = {
    ...statusOf(keys, listeners.apiUrl, dbUrl, listeners.served),
    ...(replicaUrl && { replica_url: replicaUrl }),
  };
  const about = { api_url: status.api_url, functions: [...services.functions!.keys()], served: status.served };
  listeners.attach(services);
  cleanup.defer(() => endBackground());
  cleanup.defer(() => listeners.close());
  cleanup.defer(watchMemory(() => listeners.cut()));
  // Before the listeners, which wait for every open socket. Functions receive the event that the platform sends.
  cleanup.defer(() => realtime.stop());
  cleanup.defer(() => workers ? workers.stop() : void dispatchEvent(new Event("beforeunload")));
  await writeStatus(folder.path, status);
  cleanup.defer(() => removeStatus(folder.path));
  return status;
}

/** Wakes a route of the function `jobs`, as a schedule does on the platform. */
async function wake(apiUrl: string, { secret_key }: Keys, route: string): Promise<void> {
  const response = await fetch(`${apiUrl}/functions/v1/jobs/api/${route}/`, {
    method: "POST",
    headers: { apikey: secret_key },
  });
  if (!response.ok) throw new Error(`${route} answered ${response.status}`);
  await response.body?.cancel();
}

async function reset(folder: DataFolder, paths: PostgresPaths): Promise<void> {
  log(`Deleting the data in ${folder.path} …`);
  await removeCluster(paths);
  await emptyDataFolder(folder);
}

async function startBackends(
  options: Options,
  folder: DataFolder,
  { api, auth }: ProjectConfig,
  keys: Keys,
  server: Server,
  apiUrl: string,
  cleanup: AsyncDisposableStack,
): Promise<{ auth: Backend; dataApi: Backend }> {
  // The gateway serves the page, even when its port is not the one in config.toml.
  const hasOwnPage = [`http://127.0.0.1:${api.port}`, `http://localhost:${api.port}`].includes(String(auth.site_url));
  const siteUrl = hasOwnPage || !auth.site_url ? apiUrl : String(auth.site_url);
  const shared = { auth, keys, dbPort: server.port, apiUrl, siteUrl };
  const gotrue = options.auth
    ? new Gotrue({ ...shared, program: options.auth }, join(folder.path, "auth.log"), server)
    : undefined;
  const lite = new LiteProcess({ ...shared, api, isAuth: !gotrue }, join(folder.path, "lite.log"), server);
  // After a crash some of its connections would hang.
  server.onDown = () => lite.kill();
  await gotrue?.migrate();
  for (const service of [lite, gotrue]) {
    if (service) cleanup.defer(() => service.stop());
  }
  await Promise.all([lite.start(), gotrue?.start()]);
  const dataApi = liteBackend(lite);
  return { dataApi, auth: gotrue ? gotrueBackend(gotrue, keys) : dataApi };
}

function statusOf(keys: Keys, apiUrl: string, dbUrl: string, served: Record<string, string>): Status {
  const { admin_password: _, ...shown } = keys;
  return {
    api_url: apiUrl,
    functions_url: `${apiUrl}/functions/v1`,
    db_url: dbUrl,
    ...shown,
    jwks: `${apiUrl}/auth/v1/.well-known/jwks.json`,
    pid: Deno.pid,
    served,
  };
}
