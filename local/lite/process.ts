import { fileURLToPath } from "node:url";
import { readLines } from "../base/log_file.ts";
import { ServiceProcess, type Spawned } from "../base/service_process.ts";
import type { LiteSettings } from "./settings.ts";

const MAIN = fileURLToPath(new URL("../services.ts", import.meta.url));

/** The process of the Data API, and of Auth unless Supabase's own program is there. */
export class LiteProcess extends ServiceProcess {
  constructor(readonly settings: LiteSettings, logFile: string, database: { isUp: boolean }) {
    super(settings.isAuth ? "Auth and the Data API" : "the Data API", logFile, database);
  }

  protected override spawn(): Spawned {
    const args = ["run", "-A", "--no-prompt", MAIN];
    const options = { args, detached: true, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    const child = new Deno.Command(Deno.execPath(), options).spawn();
    const { promise: listens, resolve } = Promise.withResolvers<string>();
    readLines(child.stdout, this.logFile, (line) => {
      const port = /^ready (\d+)$/.exec(line)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    readLines(child.stderr, this.logFile);
    // The pipe stays open: the child exits when it closes.
    child.stdin.getWriter().write(new TextEncoder().encode(JSON.stringify(this.settings) + "\n")).catch(() => {});
    return { child, listens };
  }
}
