import { parseArgs, type ParseArgsConfig, parseEnv } from "node:util";
import { resolve } from "node:path";
import { PROJECT_ROOT, projectConfig } from "./config.ts";
import { CliError } from "./terminal.ts";

/** The command line of `npm start`. */
export interface Options {
  port: number;
  dbPort: number;
  /** The folder that keeps all data between two starts. */
  data: string;
  reset: boolean;
  /** Whether a new database gets the schema of `sql/` instead of that of the migrations. */
  isFromSql: boolean;
  demo: boolean;
  /** Whether a replica of the database runs as well, which the functions read from. */
  replica: boolean;
  /** How many processes run the functions; with one, it is that of the gateway. */
  workers: number;
  /** The program of Supabase Auth, to run instead of lite's Auth. */
  auth: string | undefined;
  /** APIs that are also served at a port of their own: the function's name and the port. */
  serve: Map<string, number>;
}

const MAX_WORKERS = 32;

export const USAGE = `Usage: npm start -- [options]

  --port 54321             port of the API; 0 chooses a free one
  --db-port 54322          port of Postgres; 0 chooses a free one
  --data DIR               data folder (default .local)
  --reset                  delete all data in that folder first
  --from-sql               make the database from sql/ instead of the migrations, as npm run dev does
  --demo                   create two users, two rooms, some messages, and an administrator
  --replica                also run a replica of the database, which the functions read from
  --workers 1              run the functions in so many processes
  --auth PROGRAM           use Supabase Auth itself, whose program is there; for a data folder of its own
  --serve messenger=8000   also serve an API at the root of its own port; may be repeated
  --env FILE               settings of the functions (default .env, if it exists)
  --help                   print this text
`;

const FLAGS = {
  "port": { type: "string" },
  "db-port": { type: "string" },
  "data": { type: "string" },
  "reset": { type: "boolean" },
  "from-sql": { type: "boolean" },
  "demo": { type: "boolean" },
  "replica": { type: "boolean" },
  "workers": { type: "string" },
  "auth": { type: "string" },
  "serve": { type: "string", multiple: true },
  "env": { type: "string" },
  "help": { type: "boolean" },
} satisfies ParseArgsConfig["options"];

/**
 * Parses the command line and loads the environment variables of the file that it names: config.toml refers to some.
 * @returns undefined for `--help`.
 * @throws CliError with exit code 2 on an unknown option or an invalid value.
 */
export async function readOptions(args: string[]): Promise<Options | undefined> {
  const values = parse(args);
  if (values.help) return undefined;
  await loadEnvFile(resolve(values.env ?? resolve(PROJECT_ROOT, ".env")), values.env !== undefined);
  const { api, db, functions } = await projectConfig();
  const options = {
    port: port("--port", values.port ?? String(api.port)),
    dbPort: port("--db-port", values["db-port"] ?? String(db.port)),
    data: resolve(values.data ?? resolve(PROJECT_ROOT, ".local")),
    reset: values.reset ?? false,
    isFromSql: values["from-sql"] ?? false,
    demo: values.demo ?? false,
    replica: values.replica ?? false,
    workers: workers(values.workers ?? "1"),
    auth: values.auth === undefined ? undefined : resolve(values.auth),
    serve: new Map((values.serve ?? []).flatMap((text) => text.split(",")).map(served)),
  };
  const unknown = [...options.serve.keys()].find((name) => !(name in functions));
  if (unknown) throw new CliError(`There is no function "${unknown}" in supabase/config.toml for --serve.`, 2);
  rejectSamePorts(options);
  return options;
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: FLAGS, strict: true }).values;
  } catch (error) {
    const sentence = (error as Error).message.split(". To specify")[0]!.replace(/\.$/, "");
    throw new CliError(`${sentence}; see npm start -- --help.`, 2);
  }
}

function port(flag: string, text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (number <= 65535) return number;
  throw new CliError(`${flag} takes a port from 0 to 65535, not "${text}".`, 2);
}

function workers(text: string): number {
  const number = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  if (number >= 1 && number <= MAX_WORKERS) return number;
  throw new CliError(`--workers takes a number from 1 to ${MAX_WORKERS}, not "${text}".`, 2);
}

function served(text: string): [string, number] {
  const [, name, number] = /^([\w-]+)=(\d+)$/.exec(text) ?? [];
  if (!name) throw new CliError(`--serve takes name=port, as in --serve messenger=8000, not "${text}".`, 2);
  return [name, port("--serve", number!)];
}

function rejectSamePorts({ port, dbPort, serve }: Options): void {
  const ports = [port, dbPort, ...serve.values()].filter((number) => number !== 0);
  const twice = ports.find((number, index) => ports.indexOf(number) !== index);
  if (twice) throw new CliError(`Port ${twice} is used twice; choose different ports.`, 2);
}

/**
 * Sets the environment variables of a file such as `.env`, except those that are already set or have no value.
 * @param isWanted whether the file must exist.
 * @throws CliError when it cannot be read.
 */
export async function loadEnvFile(path: string, isWanted: boolean): Promise<void> {
  let text;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!isWanted && error instanceof Deno.errors.NotFound) return;
    throw new CliError(`The settings in ${path} cannot be read: ${(error as Error).message}.`);
  }
  for (const [name, value] of Object.entries(parseEnv(text))) {
    if (value && !Deno.env.has(name)) Deno.env.set(name, value);
  }
}
