import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** The release of Supabase Auth that the tests run on, and its sources. */
const RELEASE = {
  version: "v2.196.0",
  url: "https://github.com/supabase/auth",
  commit: "0204331ca41a5b49f076b6fa3dc6c0d20b996590",
};

/** Outside of the repository: no check, and no build, shall find it. */
const FOLDER = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "parley",
  `auth-${RELEASE.version}`,
);

/**
 * Returns the path of Supabase Auth's program. The first time it is built from its sources, which takes some minutes.
 * @throws Error when git or Go is missing, or fails
 */
export function buildAuth(): string {
  const program = join(FOLDER, "auth");
  if (existsSync(program)) return program;
  const source = mkdtempSync(join(tmpdir(), "parley-auth-"));
  try {
    console.log(`Fetching ${RELEASE.url} ${RELEASE.version} …`);
    run("git", ["init", "--quiet"], source);
    run("git", ["fetch", "--quiet", "--depth", "1", RELEASE.url, RELEASE.commit], source);
    run("git", ["checkout", "--quiet", "FETCH_HEAD"], source);
    console.log("Building it with Go; this takes some minutes …");
    const version = `-X github.com/supabase/auth/internal/utilities.Version=${RELEASE.version}`;
    mkdirSync(FOLDER, { recursive: true });
    run("go", ["build", "-o", `${program}.new`, "-buildvcs=false", "-ldflags", version, "."], source);
    renameSync(`${program}.new`, program);
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
  return program;
}

function run(program: string, args: string[], cwd: string): void {
  const { status, error } = spawnSync(program, args, { cwd, stdio: "inherit" });
  if (error) throw new Error(`${program} does not run (${error.message}): git and Go 1.26 or newer are needed.`);
  if (status !== 0) throw new Error(`${program} ${args[0]} failed.`);
}
