import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import type { Status } from "../support/stack.ts";

const shared = inject("status");
const root = fileURLToPath(new URL("../..", import.meta.url));

/** A further worker of the functions on the shared stack, or on another, with settings of its own. */
export async function startWorker(settings: Record<string, string> = {}, status: Status = shared) {
  const child = spawn("node_modules/.bin/deno", ["run", "-A", "tests/relay/serve.mjs"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      SUPABASE_URL: status.api_url,
      SUPABASE_DB_URL: status.db_url,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: status.publishable_key }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: status.secret_key }),
      SUPABASE_JWT_SECRET: status.jwt_secret,
      DB_POOL_SIZE: "3",
      ...settings,
    },
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    process.stderr.write(text);
    said = (said + text).slice(-5000);
  });
  const ended = once(child, "close").then(([code]) => {
    throw new Error(`The worker ended with ${code} while it was starting: ${said}`);
  });
  const [line] = await Promise.race([once(child.stdout, "data"), ended]);
  ended.catch(() => {});
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { url: String(line).trim(), pid: child.pid!, stop };
}
