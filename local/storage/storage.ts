import { join } from "node:path";
import { Hono } from "hono";
import type { StorageConfig } from "../base/config.ts";
import { STORAGE_NAME } from "../base/data_folder.ts";
import type { Keys } from "../base/keys.ts";
import type { Backend } from "../gateway/gateway.ts";
import { bucketRoutes } from "./bucket_routes.ts";
import { Buckets } from "./buckets.ts";
import { Callers } from "./callers.ts";
import { Database } from "./database.ts";
import { internal, notEnabled, StorageError } from "./errors.ts";
import { Files } from "./files.ts";
import { Listing } from "./listing.ts";
import { objectRoutes } from "./object_routes.ts";
import { Objects } from "./objects.ts";
import { declareBuckets, sizeOf } from "./settings.ts";
import { Signatures } from "./signatures.ts";

/** Storage for unmodified supabase-js clients: rows in Postgres, on which policies decide, and files in a folder. */
export class Storage implements Backend {
  readonly #database: Database;
  readonly #files: Files;
  readonly #app: Hono;

  constructor(keys: Keys, dbPort: number, dataFolder: string, readonly settings: StorageConfig) {
    this.#database = new Database(
      `postgresql://supabase_storage_admin:${keys.admin_password}@127.0.0.1:${dbPort}/postgres`,
    );
    this.#files = new Files(join(dataFolder, STORAGE_NAME));
    const objects = new Objects(this.#database, this.#files, sizeOf(settings.file_size_limit));
    const callers = new Callers(keys);
    const listing = new Listing(this.#database);
    this.#app = routes(
      bucketRoutes(new Buckets(this.#database, objects), callers),
      objectRoutes({ objects, listing, callers, signatures: new Signatures(keys) }),
    );
  }

  /** Makes the buckets that `config.toml` declares, and removes files without a row, which a crash has left. */
  async start(): Promise<void> {
    await this.#files.prepare();
    await declareBuckets(this.#database, this.settings);
    await this.#removeLeftovers();
  }

  stop(): Promise<void> {
    return this.#database.end();
  }

  async ask(request: Request): Promise<Response> {
    return await this.#app.fetch(request);
  }

  async #removeLeftovers(): Promise<void> {
    const leftovers = new Set(await Array.fromAsync(this.#files.versions()));
    if (leftovers.size === 0) return;
    await this.#database.sql<{ version: string }[]>`select version from storage.objects where version is not null`
      .cursor(1000, (rows) => {
        for (const { version } of rows) leftovers.delete(version);
      });
    await this.#files.remove([...leftovers]);
  }
}

function routes(buckets: Hono, objects: Hono): Hono {
  const app = new Hono().basePath("/storage/v1");
  app.get("/status", (c) => c.body(null));
  app.route("/bucket", buckets);
  app.route("/object", objects);
  app.all("/render/image/*", () => notEnabled("image_transformation").response());
  app.notFound(({ req }) => {
    const message = `Route ${req.method}:${req.path.slice("/storage/v1".length)} not found`;
    return new StorageError(404, "InvalidRequest", message, "Not Found", 404).response();
  });
  app.onError((error) => {
    if (error instanceof StorageError) return error.response();
    console.error(error);
    return internal().response();
  });
  return app;
}
