import postgres from "postgres";
import { log } from "../base/terminal.ts";

/** How often to look for due jobs, as pg_cron does on the platform. */
const INTERVAL_MS = 10_000;

/**
 * Runs the due jobs of `chat_private.jobs`, each in its own transaction.
 * @param removeFiles is called when Storage has files to remove.
 * @returns a function that stops it once the running job is done.
 */
export function runJobs(dbUrl: string, removeFiles: () => Promise<void>): () => Promise<void> {
  const sql = postgres(dbUrl, { max: 1, idle_timeout: 60, onnotice: ({ message }) => message && log(message) });
  let running: Promise<void> | undefined;
  let removing: Promise<void> | undefined;
  let isStopping = false;

  async function run(): Promise<void> {
    try {
      for (let hasRun = true; hasRun && !isStopping;) {
        [{ ran: hasRun }] = await sql<[{ ran: boolean }]>`select chat_private.run_next_job() as ran`;
      }
      const [{ due }] = await sql<[{ due: boolean }]>`
        select exists (select from chat_private.files_to_remove where due_at <= now()) as due`;
      // Not awaited: Storage may be slow, and other jobs do not wait for it.
      if (due && !isStopping) removing ??= remove().finally(() => removing = undefined);
    } catch (error) {
      // The database may be restarting: the next run continues.
      log(`The jobs could not run: ${(error as Error).message}.`);
    }
  }

  const remove = () => removeFiles().catch((error) => log(`Files could not be removed: ${(error as Error).message}.`));

  const runNow = () => void (running ??= run().finally(() => running = undefined));
  // After a night without the stack, jobs have been due for hours.
  runNow();
  const timer = setInterval(runNow, INTERVAL_MS);
  return async () => {
    isStopping = true;
    clearInterval(timer);
    await Promise.all([running, removing]);
    await sql.end({ timeout: 5 });
  };
}
