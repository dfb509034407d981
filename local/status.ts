import { parseArgs } from "node:util";
import { join, resolve } from "node:path";
import { PROJECT_ROOT } from "./base/config.ts";
import { environment, readStatus, type Status, table } from "./base/status_file.ts";
import { CliError, exitWithError } from "./base/terminal.ts";

const USAGE = "Usage: npm run status -- [-o pretty|env|json] [--data DIR]";

async function status(args: string[]): Promise<string> {
  const { output, data } = parse(args);
  const folder = resolve(data ?? resolve(PROJECT_ROOT, ".local"));
  const found = await readStatus(join(folder, "status.json"));
  if (!found || !isAlive(found.pid)) {
    throw new CliError(`Parley is not running on the data in ${folder}; start it with npm start.`);
  }
  return format(found, output);
}

function parse(args: string[]): { output: string; data?: string } {
  try {
    const options = { output: { type: "string", short: "o" }, data: { type: "string" } } as const;
    const { output = "pretty", data } = parseArgs({ args, options }).values;
    if (["pretty", "env", "json"].includes(output)) return { output, data };
  } catch {
    // The usage below explains the error.
  }
  throw new CliError(USAGE, 2);
}

function format(status: Status, output: string): string {
  if (output === "json") return JSON.stringify(environment(status), null, 2);
  if (output === "pretty") return table(status);
  return Object.entries(environment(status)).map(([name, value]) => `${name}="${value}"`).join("\n");
}

function isAlive(pid: number): boolean {
  try {
    // A signal that has no effect on a running process.
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

try {
  console.log(await status(Deno.args));
} catch (error) {
  exitWithError(error);
}
