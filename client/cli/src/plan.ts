import { createTwoFilesPatch } from "diff";
import { mkdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CONFIG, type Project } from "./project.ts";
import { RECORD } from "./record.ts";
import { CliError, confirm, print } from "./terminal.ts";

/** What a command would change in `supabase/`. */
export interface Plan {
  /** From paths relative to `supabase/` to the new content. */
  writes: Map<string, string | Buffer>;
  deletions: string[];
  /** What somebody must solve by hand first: then nothing is written. */
  problems: string[];
  /** What is left as it is. */
  notes: string[];
}

export interface PlanOptions {
  dryRun: boolean;
  yes: boolean;
}

export const emptyPlan = (): Plan => ({ writes: new Map(), deletions: [], problems: [], notes: [] });

/** Shows a plan, asks, and carries it out. @returns whether something was written. */
export async function carryOut(plan: Plan, project: Project, { dryRun, yes }: PlanOptions): Promise<boolean> {
  if (plan.problems.length > 0) {
    throw new CliError(`Nothing was written, because of this:\n\n${plan.problems.map(item).join("\n")}`);
  }
  const isChanged = plan.writes.size + plan.deletions.length > 0;
  if (isChanged) print(shown(plan, project));
  if (plan.notes.length > 0) print(`${isChanged ? "\n" : ""}Left as it is:\n${plan.notes.map(item).join("\n")}`);
  if (!isChanged || dryRun) {
    print(isChanged ? "\nNothing was written (--dry-run)." : "Nothing to do.");
    return false;
  }
  print();
  if (!yes) await confirm(`Write this to ${project.shown}?`);
  await write(plan, project.folder);
  return true;
}

const item = (text: string) => `- ${text.replaceAll("\n", "\n  ")}`;

function shown({ writes, deletions }: Plan, { configText, record, shown }: Project): string {
  const known = new Set([...Object.keys(record?.files ?? {}), ...(record ? [RECORD] : []), CONFIG]);
  const isNew = (path: string) => !known.has(path);
  const paths = [...writes.keys()];
  const groups = [
    ["new", paths.filter(isNew)],
    ["changed", paths.filter((path) => !isNew(path))],
    ["deleted", deletions],
  ] as const;
  const lines = groups.flatMap(([word, paths]) => folded(paths).map((path) => `  ${word.padEnd(8)} ${path}`));
  const config = writes.get(CONFIG);
  if (config === undefined) return [`In ${shown}:`, ...lines].join("\n");
  const patch = createTwoFilesPatch(CONFIG, CONFIG, configText, String(config), undefined, undefined, { context: 2 });
  return [`In ${shown}:`, ...lines, "", patch.slice(patch.indexOf("---")).trimEnd()].join("\n");
}

/** Paths, with those of Parley's own folder as one line. */
function folded(paths: readonly string[]): string[] {
  const inside = paths.filter((path) => path.startsWith("parley/"));
  const others = paths.filter((path) => !path.startsWith("parley/"));
  if (inside.length <= 10) return [...others, ...inside];
  return [...others, `parley/ (${inside.length} files)`];
}

/** Writes the files. What says that all is there comes last. */
async function write({ writes, deletions }: Plan, folder: string): Promise<void> {
  const writeOne = async (path: string) => {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(`${target}.new`, writes.get(path)!);
    await rename(`${target}.new`, target);
  };
  await Promise.all([...writes.keys()].filter((path) => path !== RECORD).map(writeOne));
  if (writes.has(RECORD)) await writeOne(RECORD);
  for (const path of deletions) await rm(join(folder, path), { force: true });
  const folders = new Set(deletions.flatMap(parents));
  for (const path of [...folders].sort((a, b) => b.length - a.length)) await rmdir(join(folder, path)).catch(() => {});
}

/** The folders of Parley's own that a path is in. */
function parents(path: string): string[] {
  const folder = dirname(path);
  return path.startsWith("parley/") && folder !== "." ? [folder, ...parents(folder)] : [];
}
