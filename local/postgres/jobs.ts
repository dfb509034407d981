import postgres from "postgres";
import { log } from "../base/terminal.ts";

/** How often to look for due jobs, as pg_cron does on the platform. */
const INTERVAL_MS = 10_000;

/**
 * Runs the due jobs of `chat_private.jobs`, each in its own transaction.
 * @param wake is called with a route of the function `jobs` that has something to do.
 * @returns a function that stops it once the running job is done.
 */
export function runJobs(dbUrl: string, wake: (route: string) => Promise<void>): () => Promise<void> {
  const sql = postgres(dbUrl, { max: 1, idle_timeout: 60, onnotice: ({ message }) => message && log(message) });
  let running: Promise<void> | undefined;
  const awake = new Map<string, Promise<void>>();
  let isStopping = false;

  async function run(): Promise<void> {
    try {
      for (let hasRun = true; hasRun && !isStopping;) {
        [{ ran: hasRun }] = await sql<[{ ran: boolean }]>`select chat_private.run_next_job() as ran`;
      }
      const due = await sql<{ route: string }[]>`
        select 'files' as route where exists (select from chat_private.files_to_remove where due_at <= now())
        union all
        select 'checks' where exists (select from chat_private.held_checks where due_at <= now())`;
      for (const { route } of isStopping ? [] : due) wakeUp(route);
    } catch (error) {
      // The database may be restarting: the next run continues.
      log(`The jobs could not run: ${(error as Error).message}.`);
    }
  }

  /** Not awaited: Storage or a checker may be slow, and other jobs do not wait for them. */
  function wakeUp(route: string): void {
    if (awake.has(route) || route === "checks" && !Deno.env.get("CHECKER_URL")) return;
    const call = wake(route).catch((error) => log(`The function jobs failed: ${(error as Error).message}.`));
    awake.set(route, call.finally(() => awake.delete(route)));
  }

  const runNow = () => void (running ??= run().finally(() => running = undefined));
  // After a night without the stack, jobs have been due for hours.
  runNow();
  const timer = setInterval(runNow, INTERVAL_MS);
  return async () => {
    isStopping = true;
    clearInterval(timer);
    await Promise.all([running, ...awake.values()]);
    await sql.end({ timeout: 5 });
  };
}
