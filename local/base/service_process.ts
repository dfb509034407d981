import { log } from "./terminal.ts";

const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
const STOP_TIMEOUT_MS = 5_000;
const REPORTED_FAILURES = 3;

/** A program that has just been started. */
export interface Spawned {
  child: Deno.ChildProcess;
  /** Resolves to its address once it listens. */
  listens: Promise<string | undefined>;
}

/** A program that needs Postgres and listens on a port of its own, restarted whenever it ends. */
export abstract class ServiceProcess {
  /** Its address; undefined while it is down. */
  origin: string | undefined;
  #child: Deno.ChildProcess | undefined;
  #isStopping = false;

  /**
   * @param name what it does, for the person at the terminal.
   * @param logFile where its output goes.
   */
  constructor(readonly name: string, readonly logFile: string, readonly database: { isUp: boolean }) {}

  /** Starts the program. */
  protected abstract spawn(): Spawned;

  /** Starts the process, after Postgres, and waits until it listens. */
  async start(): Promise<void> {
    for (let wait = MIN_RETRY_MS, failures = 0; !this.#isStopping;) {
      if (this.database.isUp) {
        if (await this.#launch()) return;
        if (++failures === REPORTED_FAILURES) {
          log(`Failed ${failures} times to start ${this.name}, and keeps trying. The reason is in ${this.logFile}.`);
        }
        wait = Math.min(wait * 2, MAX_RETRY_MS);
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#signal("SIGTERM");
    const force = setTimeout(() => this.#signal("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#child?.status;
    clearTimeout(force);
  }

  /** Kills the process; it restarts unless it is being stopped. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  async #launch(): Promise<boolean> {
    const { child, listens } = this.spawn();
    this.#child = child;
    this.origin = await Promise.race([listens, child.status.then(() => undefined)]);
    if (this.origin) child.status.then(() => this.#restart());
    return this.origin !== undefined;
  }

  async #restart(): Promise<void> {
    this.origin = undefined;
    if (this.#isStopping) return;
    if (this.database.isUp) log(`Restarting ${this.name}, which ended unexpectedly.`);
    await this.start();
  }

  #signal(name: Deno.Signal): void {
    this.origin = undefined;
    try {
      this.#child?.kill(name);
    } catch {
      // It has already ended.
    }
  }
}
