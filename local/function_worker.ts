// A worker of the functions, of which the platform runs as many as it needs. It answers what the gateway passes on, and exits when
// its standard input closes, which happens when the first process is killed.
import { setTimeout as sleep } from "node:timers/promises";
import { projectConfig } from "./base/config.ts";
import { ignoreConsoleErrors } from "./base/terminal.ts";
import { endBackground, loadFunctions } from "./gateway/functions.ts";
import { received } from "./gateway/passed_on.ts";
import { errorResponse } from "./gateway/responses.ts";

const POLL_MS = 20;
/** The time for responses and closing frames to leave. */
const LAST_BYTES_MS = 200;

ignoreConsoleErrors();

const functions = await loadFunctions(await projectConfig(), { jwt_secret: Deno.env.get("SUPABASE_JWT_SECRET")! });

/** Requests without a response yet. */
let open = 0;

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  handler: async (request) => {
    const [, name] = new URL(request.url).pathname.split("/");
    open++;
    try {
      return await functions.get(name!)!.fetch(received(request));
    } catch (error) {
      console.error(error);
      return errorResponse(500, "WORKER_ERROR", "The function failed.");
    } finally {
      open--;
    }
  },
  onListen: ({ port }) => console.log(`ready ${port}`),
});

/** Sockets are closed, and their clients connect again; the gateway passes no more requests on. */
async function stop(): Promise<void> {
  // The event that the platform sends.
  dispatchEvent(new Event("beforeunload"));
  while (open > 0) await sleep(POLL_MS);
  await endBackground();
  await sleep(LAST_BYTES_MS);
  Deno.exit();
}

Deno.addSignalListener("SIGTERM", stop);
for await (const _ of Deno.stdin.readable);
Deno.exit();
