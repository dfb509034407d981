import { freePort } from "../base/free_port.ts";
import { readLines } from "../base/log_file.ts";
import { ServiceProcess, type Spawned } from "../base/service_process.ts";
import { CliError } from "../base/terminal.ts";
import { gotrueEnvironment, type GotrueSettings } from "./settings.ts";

const POLL_MS = 50;

/** Runs the program in the place of a shell, and ends it when our end of the pipe closes: Auth does not notice itself. */
const UNTIL_PIPE_CLOSES = `exec 3<&0 </dev/null
{ cat; kill $$; } <&3 >/dev/null 2>&1 &
exec 3<&- "$0" "$@"`;

/** Supabase Auth, whose program was once called GoTrue. */
export class Gotrue extends ServiceProcess {
  constructor(readonly settings: GotrueSettings, logFile: string, database: { isUp: boolean }) {
    super("Auth", logFile, database);
  }

  /**
   * Makes or upgrades Auth's own tables.
   * @throws CliError when the program does not run, or refuses its settings.
   */
  async migrate(): Promise<void> {
    const problem = await this.#migrationProblem().catch((error: Error) => error.message);
    if (problem !== undefined) {
      throw new CliError(`The program ${this.settings.program} of --auth does not run: ${problem}.`);
    }
  }

  async #migrationProblem(): Promise<string | undefined> {
    const env = gotrueEnvironment(this.settings, 0);
    const options: Deno.CommandOptions = { args: ["migrate"], env, clearEnv: true, stdin: "null", stdout: "null" };
    const { success, stderr } = await new Deno.Command(this.settings.program, options).output();
    return success ? undefined : lastMessage(new TextDecoder().decode(stderr));
  }

  protected override spawn(): Spawned {
    const port = freePort();
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", UNTIL_PIPE_CLOSES, this.settings.program, "serve"],
      env: gotrueEnvironment(this.settings, port),
      clearEnv: true,
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    for (const stream of [child.stdout, child.stderr]) readLines(stream, this.logFile);
    child.status.then(() => child.stdin.close()).catch(() => {});
    return { child, listens: untilHealthy(child, `http://127.0.0.1:${port}`) };
  }
}

/** Resolves to `origin` once the program answers there; undefined if it ends before. */
async function untilHealthy(child: Deno.ChildProcess, origin: string): Promise<string | undefined> {
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  while (!hasEnded) {
    const response = await fetch(`${origin}/health`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return origin;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The message of the last entry of Auth's log, whose entries are JSON. */
function lastMessage(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  try {
    return String(JSON.parse(line).msg);
  } catch {
    return line;
  }
}
