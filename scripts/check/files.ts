import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * The files of the repository, new ones included, that git does not ignore.
 * @param patterns paths, folders or patterns such as `*.md`.
 */
export function listFiles(...patterns: string[]): string[] {
  const options = ["ls-files", "--cached", "--others", "--exclude-standard", ...patterns];
  const { stdout } = spawnSync("git", options, { encoding: "utf8" });
  return stdout.trim().split("\n").filter(existsSync);
}
