import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import type { Stack } from "../support/stack.ts";
import { ofCheck, ofJest, type Outcome } from "./outcome.ts";
import { REALTIME, SetupError, type Source, SUPABASE_JS } from "./sources.ts";

/** A suite of Supabase, and what its tests expect of the project that they run on. */
export interface Suite {
  source: Source;
  /** Lines of `config.toml`, each in the place of one of ours. */
  settings: Record<string, string>;
  /** Runs the tests on a stack; `folder` is the copy of the source. */
  test: (stack: Stack, folder: string) => Promise<Outcome[]>;
}

/** The keys and the secret that `supabase start` has always had, which tests quote. */
const DEMO_SECRET = "super-secret-jwt-token-with-at-least-32-characters-long";
const DEMO_KEY = /eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24[\w-]*\.[\w-]+/g;
const DEMO_SERVICE_KEY =
  /eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6InNlcnZpY2Vfcm9sZSI[\w-]*\.[\w-]+/g;
const DEMO_ADDRESS = /http:\/\/(127\.0\.0\.1|localhost):54321/g;

const LIMITS = {
  "token_refresh = 150": "token_refresh = 10000",
  "sign_in_sign_ups = 30": "sign_in_sign_ups = 10000",
  "token_verifications = 30": "token_verifications = 10000",
};
const ANYBODY = { "enable_anonymous_sign_ins = false": "enable_anonymous_sign_ins = true" };

export const SUITES: Record<string, Suite> = {
  "realtime": {
    source: REALTIME,
    settings: LIMITS,
    test: async (stack, folder) => {
      await grantByDefault(stack);
      return await checkRealtime(stack, join(folder, "test", "e2e"));
    },
  },
  "supabase-js": {
    source: SUPABASE_JS,
    settings: { ...LIMITS, ...ANYBODY },
    test: async (stack, folder) => {
      const supabase = join(folder, "packages", "core", "supabase-js", "supabase");
      await grantByDefault(stack);
      for (const name of (await readdir(join(supabase, "migrations"))).sort()) {
        await runSql(stack, await readFile(join(supabase, "migrations", name), "utf8"));
      }
      await runSql(stack, await readFile(join(supabase, "seed", "seed_todos.sql"), "utf8"));
      return await jest(stack, folder, "supabase-js", ["test/integration.test.ts"]);
    },
  },
  "auth-js": {
    source: SUPABASE_JS,
    settings: {
      ...LIMITS,
      ...ANYBODY,
      "minimum_password_length = 8": "minimum_password_length = 6",
      "secure_password_change = true": "secure_password_change = false",
      "additional_redirect_urls = []": 'additional_redirect_urls = ["http://localhost:5173"]',
    },
    test: async (stack, folder) => {
      // Their keys are signed with a key of their own.
      const clients = join(folder, "packages", "core", "auth-js", "test", "lib", "clients.ts");
      const { anon_key, service_role_key } = stack.status;
      await rewrite(clients, [
        [/(?<=SUPABASE_PUBLISHABLE_KEY = )jwt\.sign\([^]*?\n\)/, `"${anon_key}"`],
        [/(?<=SUPABASE_SECRET_KEY = )jwt\.sign\([^]*?\n\)/, `"${service_role_key}"`],
        [/privateKey,\n\s*\{ algorithm: 'RS256', keyid: rsaKey\.kid \}/g, "GOTRUE_JWT_SECRET"],
      ]);
      await run("node", ["test/generate-signing-keys.js"], join(folder, "packages/core/auth-js"));
      return await jest(stack, folder, "auth-js", []);
    },
  },
  "postgrest-js": {
    source: SUPABASE_JS,
    settings: { ...LIMITS, 'schemas = ["public", "chat"]': 'schemas = ["public", "personal"]' },
    test: async (stack, folder) => {
      const supabase = join(folder, "packages", "core", "postgrest-js", "test", "supabase");
      const schema = join(supabase, "migrations", "00000000000000_schema.sql");
      // npm has no PostGIS.
      await rewrite(schema, [
        ["create extension if not exists postgis schema extensions;", ""],
        ["extensions.geometry(POINT, 4326)", "text"],
      ]);
      await grantByDefault(stack);
      for (const path of [schema, join(supabase, "seed.sql")]) await runSql(stack, await readFile(path, "utf8"));
      return await jest(stack, folder, "postgrest-js", []);
    },
  },
  "storage-js": {
    source: SUPABASE_JS,
    settings: {},
    test: async (stack, folder) => {
      await runSql(stack, await readFile(join(folder, "packages/core/storage-js/test/supabase/seed.sql"), "utf8"));
      return await jest(stack, folder, "storage-js", []);
    },
  },
};

/** What `supabase start` grants by default, and new projects and `npm start` do not. */
async function grantByDefault(stack: Stack): Promise<void> {
  const kinds = ["tables", "sequences", "functions"];
  const grants = kinds.map((kind) => `grant all on ${kind} to anon, authenticated, service_role`);
  await runSql(stack, grants.map((grant) => `alter default privileges in schema public ${grant};`).join("\n"));
}

async function runSql({ status }: Stack, text: string): Promise<void> {
  const sql = postgres(status.db_url, { max: 1, onnotice: () => {} });
  await sql.unsafe(text).finally(() => sql.end());
}

async function rewrite(path: string, changes: [RegExp | string, string][]): Promise<void> {
  const before = await readFile(path, "utf8");
  await writeFile(path, changes.reduce((text, [from, to]) => text.replace(from, to), before));
}

async function checkRealtime({ status }: Stack, folder: string): Promise<Outcome[]> {
  const bun = join(folder, "..", "..", "..", "node_modules", ".bin", "bun");
  const options = ["--env", "local", "--url", status.api_url, "--db-url", status.db_url, "--json"];
  const keys = ["--publishable-key", status.anon_key, "--secret-key", status.service_role_key];
  return ofCheck(reportIn(await run(bun, ["realtime-check.ts", ...options, ...keys], folder)));
}

/** Runs files of a client's tests, by default all, as its own configuration does; without a check of types. */
async function jest(stack: Stack, folder: string, client: string, files: string[]): Promise<Outcome[]> {
  const clients = join(folder, "packages", "core");
  const root = join(clients, client);
  const setup = join(folder, "setup_jest.cjs");
  await cp(fileURLToPath(new URL("setup_jest.cjs", import.meta.url)), setup);
  await quoteStack(stack, join(root, "test"));
  const compilerOptions = { module: "commonjs", target: "es2022", esModuleInterop: true, isolatedModules: true };
  const config = {
    rootDir: root,
    transform: { "\\.[jt]s$": ["ts-jest", { diagnostics: false, tsconfig: compilerOptions }] },
    moduleNameMapper: {
      "^@supabase/(auth|functions|postgrest|realtime|storage)-js$": join(clients, "$1-js", "src", "index.ts"),
      "^@supabase/tracing$": join(folder, "packages", "shared", "tracing", "src", "index.ts"),
    },
    setupFiles: [setup],
    testMatch: ["<rootDir>/test/**/*.test.ts"],
    // Those of other servers than the one that runs.
    testPathIgnorePatterns: ["/node_modules/", "/docker-tests/", "/test/v12/"],
    ...(client === "postgrest-js" && { testSequencer: join(root, "test", "testSequencer.js"), testTimeout: 30_000 }),
  };
  const path = join(root, "jest.parley.json");
  await writeFile(path, JSON.stringify(config));
  const program = join(folder, "..", "node_modules", "jest", "bin", "jest.js");
  // Into a file: when jest is forced to exit, it does not wait for a pipe.
  const report = join(root, "report.json");
  const options = [
    "--config",
    path,
    "--runInBand",
    "--ci",
    "--silent",
    "--forceExit",
    "--json",
    "--outputFile",
    report,
  ];
  const env = { API_URL: stack.status.api_url, PUBLISHABLE_KEY: stack.status.publishable_key };
  const { errors } = await run("node", [program, ...options, ...files], root, env);
  return ofJest(reportIn({ output: await readFile(report, "utf8").catch(() => ""), errors }));
}

/** Puts the address, the key and the secret of a stack where tests quote those of `supabase start`. */
async function quoteStack({ status, data }: Stack, folder: string): Promise<void> {
  const { jwt_secret } = JSON.parse(await readFile(join(data, "keys.json"), "utf8"));
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".ts")) continue;
    await rewrite(join(folder, name), [
      [DEMO_ADDRESS, status.api_url],
      [DEMO_KEY, status.anon_key],
      [DEMO_SERVICE_KEY, status.service_role_key],
      [DEMO_SECRET, jwt_secret],
    ]);
  }
}

/** What a program has printed. */
interface Printed {
  output: string;
  errors: string;
}

/** Runs a program to its end, which may be a failure. */
async function run(program: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<Printed> {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void child.kill();
  process.once("exit", kill);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  process.off("exit", kill);
  return { output, errors };
}

/** The JSON that a program of tests has printed. */
function reportIn({ output, errors }: Printed) {
  try {
    return JSON.parse(output);
  } catch {
    throw new SetupError(`The tests did not run:\n${errors.slice(-2000)}`);
  }
}
