import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

const PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const run = (command: string, ...options: string[]) => {
  const { status } = spawnSync(command, options, {
    stdio: "ignore",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return status === 0;
};

/** The path of Chromium, which the variable CHROMIUM may set; undefined when there is none. */
export const findChromium = () =>
  [process.env.CHROMIUM, ...PATHS].find((path): path is string => path !== undefined && existsSync(path));

/** Installs Chromium on Debian as root. Returns whether that worked. */
export function installChromium(): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  console.log("Installing Chromium for the tests in a browser; this takes a minute the first time …");
  const install = () => run("apt-get", "install", "--yes", "--no-install-recommends", "chromium");
  return install() || (run("apt-get", "update") && install());
}
