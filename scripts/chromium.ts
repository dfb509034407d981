import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

/** The package of the headless shell, which needs less than half of the processor time of Chromium. */
const PACKAGE = "chromium-headless-shell";
const HEADLESS_SHELL = `/usr/bin/${PACKAGE}`;

const PATHS = [
  HEADLESS_SHELL,
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

/** Installs the headless shell on Debian as root, unless it is there or CHROMIUM names another browser. */
export function installHeadlessShell(): void {
  if (process.env.CHROMIUM || existsSync(HEADLESS_SHELL)) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  console.log("Installing a browser without a window for the tests; this takes a minute the first time …");
  // Without a network this gives up soon.
  const apt = (...options: string[]) =>
    run("apt-get", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", ...options);
  const install = (name: string) => apt("install", "--yes", "--no-install-recommends", "--no-remove", name);
  const isInstalled = install(PACKAGE) || (apt("update") && install(PACKAGE));
  if (!isInstalled && !findChromium()) install("chromium");
}
