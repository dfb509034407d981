import { type Options, readOptions, USAGE } from "./base/options.ts";
import { onOrphaned } from "./base/orphaned.ts";
import { table } from "./base/status_file.ts";
import { exitWithError, ignoreConsoleErrors, log } from "./base/terminal.ts";
import { DEMO_LOGINS, makeDemo } from "./demo.ts";
import { runStack } from "./stack.ts";

ignoreConsoleErrors();

const cleanup = new AsyncDisposableStack();
/** npm forwards a SIGINT that the terminal has already sent: ignore the duplicate. */
const ECHO_MS = 1000;
let stoppedAt: number | undefined;

/** First signal: graceful shutdown; second: exit now. */
async function stop(): Promise<void> {
  if (stoppedAt) {
    if (performance.now() - stoppedAt > ECHO_MS) Deno.exit(130);
    return;
  }
  stoppedAt = performance.now();
  log("\nStopping …");
  await cleanup.disposeAsync();
  Deno.exit(0);
}

async function start(options: Options): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, stop);
  onOrphaned(stop);
  const started = performance.now();
  const status = await runStack(options, cleanup);
  if (options.demo) await makeDemo(status);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\nParley is running (started in ${seconds} s). Ctrl-C stops it.\n\n${table(status)}\n`);
  console.log(`Open it in a browser: ${status.api_url}/\n`);
  if (options.demo) console.log(`Sign in as\n  ${DEMO_LOGINS.join("\n  ")}\n`);
}

try {
  const options = await readOptions(Deno.args);
  if (options) await start(options);
  else console.log(USAGE);
} catch (error) {
  // An interrupted start fails somewhere; the shutdown already under way handles it.
  if (!stoppedAt) {
    stoppedAt = performance.now();
    await cleanup.disposeAsync().catch(() => {});
    exitWithError(error);
  }
}
