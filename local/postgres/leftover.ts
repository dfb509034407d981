import { join } from "node:path";

const STOP_TIMEOUT_MS = 15_000;

/**
 * Stops a Postgres that still runs on the cluster because its stack was killed.
 * The folder in its command line distinguishes it from another process with the same id.
 */
export async function stopLeftover(cluster: string): Promise<void> {
  const pid = await postmasterPid(cluster);
  if (!pid || !await runsOn(pid, cluster)) return;
  signal(pid, "SIGINT");
  const started = Date.now();
  while (await runsOn(pid, cluster)) {
    if (Date.now() - started > STOP_TIMEOUT_MS) signal(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function postmasterPid(cluster: string): Promise<number | undefined> {
  const text = await Deno.readTextFile(join(cluster, "postmaster.pid")).catch(() => "");
  return parseInt(text) || undefined;
}

async function runsOn(pid: number, cluster: string): Promise<boolean> {
  return (await commandLine(pid)).includes(cluster);
}

async function commandLine(pid: number): Promise<string> {
  if (Deno.build.os === "linux") return await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  const { stdout } = await new Deno.Command("ps", { args: ["-p", String(pid), "-o", "command="], stderr: "null" })
    .output();
  return new TextDecoder().decode(stdout);
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
