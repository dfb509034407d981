import { fileURLToPath } from "node:url";
import { readLines } from "../base/log_file.ts";
import { log } from "../base/terminal.ts";
import type { LiteSettings } from "./settings.ts";

const MAIN = fileURLToPath(new URL("../services.ts", import.meta.url));
const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;

/** The process of Auth and the Data API, restarted whenever it ends. */
export class LiteProcess {
  /** Its address; undefined while it is down. */
  origin: string | undefined;
  #child: Deno.ChildProcess | undefined;
  #isStopping = false;

  constructor(readonly settings: LiteSettings, readonly logFile: string, readonly database: { isUp: boolean }) {}

  /** Starts the process, after Postgres, and waits until it listens. */
  async start(): Promise<void> {
    for (let wait = MIN_RETRY_MS; !this.#isStopping;) {
      if (this.database.isUp) {
        if (await this.#launch()) return;
        wait = Math.min(wait * 2, MAX_RETRY_MS);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.kill();
    await this.#child?.status;
  }

  /** Kills the process; it restarts unless it is being stopped. */
  kill(): void {
    this.origin = undefined;
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // It has already ended.
    }
  }

  async #launch(): Promise<boolean> {
    const args = ["run", "-A", "--no-prompt", MAIN];
    const options = { args, detached: true, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    const child = this.#child = new Deno.Command(Deno.execPath(), options).spawn();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    readLines(child.stdout, this.logFile, (line) => {
      const port = /^ready (\d+)$/.exec(line)?.[1];
      if (!port) return;
      this.origin = `http://127.0.0.1:${port}`;
      resolve(true);
    });
    readLines(child.stderr, this.logFile);
    child.status.then(() => resolve(false));
    // The pipe stays open: the child exits when it closes.
    await child.stdin.getWriter().write(new TextEncoder().encode(JSON.stringify(this.settings) + "\n")).catch(() => {});
    const up = await promise;
    if (up) child.status.then(() => this.#restart());
    return up;
  }

  async #restart(): Promise<void> {
    this.origin = undefined;
    if (this.#isStopping) return;
    if (this.database.isUp) log("Auth and the Data API ended unexpectedly; restarting them.");
    await this.start();
  }
}
