import process from "node:process";

/**
 * Under npm, calls back when the parent process has ended: npm runs programs through a shell, which exits on a signal
 * without forwarding it.
 */
export function onOrphaned(call: () => void): void {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    call();
  }, 250);
  timer.unref();
}
