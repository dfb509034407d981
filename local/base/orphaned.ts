import process from "node:process";

/**
 * Calls when the program that started this one has ended, under npm: it runs programs by way of a shell, which ends on
 * a signal without passing it on.
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
