import { join } from "node:path";
import { readLines } from "../base/log_file.ts";
import { CliError, log } from "../base/terminal.ts";
import { stopLeftover } from "./leftover.ts";
import type { PostgresPaths } from "./paths.ts";
import { serverSettings } from "./settings.ts";
import { runAs } from "./user.ts";

/** A replica accepts read-only connections. */
const READY = /database system is ready to accept (read-only )?connections/;
/** From then on connections are ended or refused, some time before the server has ended. */
const GOES_DOWN = /all server processes terminated; reinitializing|received (smart|fast|immediate) shutdown request/;
/** After a SIGTERM it refuses connections until the last client has left. */
const WAITS_FOR_CLIENTS = "received smart shutdown request";
/** Processes of a killed server, which exit soon. */
const OLD_SERVER_EXITING = /pre-existing shared memory block|lock file "postmaster.pid" already exists/;
const START_TIMEOUT_MS = 30_000;
const RETRY_MS = 5_000;

/** A Postgres server that is restarted whenever it dies. */
export class Server {
  /** Whether it accepts connections. */
  isUp = false;
  /** How often it went down: a changed number means that connections were lost in between. */
  outages = 0;
  /** Called when it goes down. */
  onDown = () => {};
  #child: Deno.ChildProcess | undefined;
  #isStopping = false;
  #lastWords: string[] = [];
  #wasKilled = false;

  constructor(readonly paths: PostgresPaths, readonly port: number, readonly logFile: string) {
    // Postgres ends with this process.
    addEventListener("unload", () => this.kill());
  }

  /**
   * Starts the server, which recovers from a crash if necessary.
   * @throws CliError when the port is taken or the data cannot be read.
   */
  async start(): Promise<void> {
    await stopLeftover(this.paths.cluster);
    const started = Date.now();
    while (!await this.#launch()) {
      if (this.#lastWords.some((line) => /could not bind|Address already in use/.test(line))) {
        throw new CliError(`Port ${this.port} is taken; choose another one with --db-port.`);
      }
      const mayPass = this.#wasKilled || this.#lastWords.some((line) => OLD_SERVER_EXITING.test(line));
      if (this.#isStopping || !mayPass || Date.now() - started > START_TIMEOUT_MS) throw this.#damaged();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Stops the server cleanly: everything committed is on disk. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#kill("SIGINT");
    await this.#child?.status;
  }

  /** Kills the server; it recovers at its next start. */
  kill(): void {
    this.#isStopping = true;
    this.#kill("SIGQUIT");
  }

  /** Resolves to whether the server started. */
  async #launch(): Promise<boolean> {
    const args = ["-D", this.paths.cluster, ...serverSettings(this.port)];
    // Detached: Ctrl-C in a terminal reaches every process of the group, and Postgres must outlive the requests.
    const options = {
      args,
      ...runAs(this.paths.user),
      detached: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    } as const;
    const child = new Deno.Command(join(this.paths.programs, "postgres"), options).spawn();
    this.#child = child;
    this.#lastWords = [];
    const { promise: isReady, resolve } = Promise.withResolvers<boolean>();
    const reading = readLines(child.stderr, this.logFile, (line) => this.#readLine(line, () => resolve(true)));
    child.status.then(async ({ signal }) => {
      await reading.catch(() => {});
      this.#wasKilled = signal !== null && !this.#lastWords.some((line) => line.includes("PANIC:"));
      resolve(false);
    });
    const up = await isReady;
    if (up) child.status.then(() => this.#restart());
    return up;
  }

  #readLine(line: string, onReady: () => void): void {
    if (/(FATAL|PANIC): {2}(?!the database system is)|LOG: {2}could not/.test(line)) {
      this.#lastWords = [...this.#lastWords, line].slice(-5);
    }
    if (GOES_DOWN.test(line)) this.#markDown();
    // The clients are the stack's own, and stay: ends now, to be restarted.
    if (line.includes(WAITS_FOR_CLIENTS)) this.#kill("SIGINT");
    if (!READY.test(line)) return;
    this.isUp = true;
    onReady();
  }

  #markDown(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.outages++;
    this.onDown();
  }

  async #restart(): Promise<void> {
    this.#markDown();
    if (this.#isStopping) return;
    log("Postgres ended unexpectedly; restarting it.");
    while (!this.isUp && !this.#isStopping) {
      await this.start().catch(async (error) => {
        log(error.message);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      });
    }
    if (this.isUp) log("Postgres is running again.");
  }

  #kill(name: Deno.Signal): void {
    try {
      this.#child?.kill(name);
    } catch {
      // It has already ended.
    }
  }

  #damaged(): CliError {
    const words = this.#lastWords.at(-1)?.replace(/^.*?(FATAL|PANIC|LOG): {2}/, "") ?? "it ended without a message";
    return new CliError(
      `Postgres does not start on the data in ${this.paths.cluster} (${words}); ` +
        `see ${this.logFile}, or delete all data and start over with --reset.`,
    );
  }
}
