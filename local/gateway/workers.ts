import { fileURLToPath } from "node:url";
import type { ProjectConfig } from "../base/config.ts";
import { readLines } from "../base/log_file.ts";
import { ServiceProcess, type Spawned } from "../base/service_process.ts";
import { enabledFunctions, type Functions } from "./functions.ts";
import { passOn } from "./passed_on.ts";
import { unavailable } from "./responses.ts";

const MAIN = fileURLToPath(new URL("../function_worker.ts", import.meta.url));

/** A process that runs the functions, and is started again when it ends. */
class Worker extends ServiceProcess {
  protected override spawn(): Spawned {
    const args = ["run", "--v8-flags=--max-semi-space-size=8", "-A", "--no-prompt", MAIN];
    const options = { args, detached: true, stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    const child = new Deno.Command(Deno.execPath(), options).spawn();
    const { promise: listens, resolve } = Promise.withResolvers<string>();
    readLines(child.stdout, this.logFile, (line) => {
      const port = /^ready (\d+)$/.exec(line)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    return { child, listens };
  }
}

/** Several workers of the functions, which take turns. */
export class Workers {
  readonly #workers: Worker[];
  #turn = 0;

  /**
   * @param count how many.
   * @param logFile where their output goes; errors go to the terminal.
   */
  constructor(count: number, logFile: string, database: { isUp: boolean }) {
    this.#workers = Array.from(
      { length: count },
      (_, index) => new Worker(`worker ${index + 1} of the functions`, logFile, database),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.start()));
  }

  /** Lets requests in flight finish; sockets are closed. */
  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  /** The functions, each of which passes requests on to the worker whose turn it is. */
  functions(config: ProjectConfig): Functions {
    const anyWorker = { fetch: (request: Request) => this.#passOn(request) };
    return new Map(enabledFunctions(config).map(([name]) => [name, anyWorker]));
  }

  async #passOn(request: Request): Promise<Response> {
    for (let tried = 0; tried < this.#workers.length; tried++) {
      const { origin } = this.#workers[this.#turn++ % this.#workers.length]!;
      if (origin) return await passOn(request, origin);
    }
    return unavailable();
  }
}
