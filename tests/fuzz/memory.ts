import { spawnSync } from "node:child_process";

/** Megabytes that a process holds in memory; 0 where `ps` does not say. */
export function memory(pid: number): number {
  const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", `${pid}`], { encoding: "utf8" });
  return Math.round(Number(stdout ?? 0) / 1024);
}
