import { cp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../local/stack_process.ts";
import { type Stack, startStack } from "./stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A copy of the project in a folder, whose `supabase/` may be changed. */
export async function projectIn(folder: string): Promise<string> {
  const project = join(folder, "project");
  await cp(join(root, "local"), join(project, "local"), { recursive: true });
  await cp(join(root, "supabase"), join(project, "supabase"), { recursive: true });
  for (const name of ["client", "deno.json", "functions", "node_modules", "package.json"]) {
    await symlink(join(root, name), join(project, name));
  }
  return project;
}

/** The project with another `config.toml`, in a folder. */
export async function projectWith(settings: (config: string) => string, folder: string): Promise<string> {
  const project = await projectIn(folder);
  const config = join(project, "supabase", "config.toml");
  await writeFile(config, settings(await readFile(config, "utf8")));
  return project;
}

/**
 * A stack of its own: its folder is deleted when it stops.
 * @param settings changes `config.toml`.
 */
export async function temporaryStack(
  args: string[] = [],
  env: Record<string, string> = {},
  settings?: (config: string) => string,
): Promise<Stack> {
  if (!settings) return await startStack({ args, env });
  const folder = await temporaryFolder();
  const project = await projectWith(settings, folder);
  const stack = await startStack({ args, env, project, isCopied: true });
  const stop = async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...stack, stop, [Symbol.asyncDispose]: stop };
}
