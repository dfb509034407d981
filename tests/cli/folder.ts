import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { inject, onTestFinished } from "vitest";

const installed = inject("installed");
export const PROGRAM = join(installed, "node_modules/.bin/parley");

export interface Answer {
  code: number;
  output: string;
}

/** The folder of a project, with what a developer would type in it. */
export interface Folder {
  path: string;
  /** Runs `parley` there; output has what it prints, errors included. */
  parley: (...args: string[]) => Promise<Answer>;
  read: (path: string) => Promise<string>;
  write: (path: string, text: string) => Promise<void>;
  /** All files, with their texts. */
  files: () => Promise<Record<string, string>>;
}

/** `supabase/config.toml` as `supabase init` writes it, abridged. */
export const CONFIG = `# A project of ours.
project_id = "ours"

[api]
enabled = true
# Schemas to expose in your API.
schemas = ["public", "graphql_public"]
extra_search_path = ["public", "extensions"]

[db]
major_version = 17

[functions.hello]
verify_jwt = true # ours
`;

/** A project's folder until the test ends. */
export async function project(files: Record<string, string> = {}): Promise<Folder> {
  const made = await folder({ "supabase/config.toml": CONFIG, ...files });
  onTestFinished(() => rm(made.path, { recursive: true, force: true }));
  return made;
}

/** A folder with these files. */
export async function folder(files: Record<string, string>): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "parley-project-"));
  const made: Folder = {
    path,
    parley: (...args) => run(path, PROGRAM, args),
    read: (name) => readFile(join(path, name), "utf8"),
    write: async (name, text) => {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    },
    files: async () => {
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      const names = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
      const texts = names.sort().map(async (name) => [name.slice(path.length + 1), await readFile(name, "utf8")]);
      return Object.fromEntries(await Promise.all(texts));
    },
  };
  for (const [name, text] of Object.entries(files)) await made.write(name, text);
  return made;
}

export function run(
  cwd: string,
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { cwd, maxBuffer: 2 ** 26, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
      },
    );
    child.stdin?.end();
  });
}

export type Release = Awaited<ReturnType<typeof nextRelease>>;

/** A later release, made from the packed one: `change` receives the folder with its files. */
export async function nextRelease(change: (release: string) => Promise<void>) {
  const path = await mkdtemp(join(tmpdir(), "parley-next-"));
  await cp(join(installed, "node_modules/parley-cli"), path, { recursive: true });
  const manifest = join(path, "release/release.json");
  await writeFile(manifest, (await readFile(manifest, "utf8")).replace(/"version": "[^"]*"/, '"version": "99.0.0"'));
  await change(join(path, "release"));
  return {
    parley: ({ path: cwd }: Folder, ...args: string[]) =>
      run(cwd, process.execPath, [join(path, "dist/parley.js"), ...args]),
    remove: () => rm(path, { recursive: true }),
  };
}

/** The names of the migrations of the packed release. */
export const releaseMigrations = () => readdir(join(installed, "node_modules/parley-cli/release/migrations"));
