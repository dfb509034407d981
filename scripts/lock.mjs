// A lock file for work that only one program may do at a time. Node only, no packages.
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";

const PAUSE_MS = 500;
/** The owner of an older lock has ended, and its process id has been reused. */
const OUTDATED_MS = 15 * 60 * 1000;

/** Runs work while holding the lock file `path`; the lock of a killed program is released. */
export function alone(path, work) {
  for (let isWaiting = false; !take(path);) {
    if (!isWaiting) console.log("Another set-up is running; waiting for it …");
    isWaiting = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  process.once("exit", () => rmSync(path, { force: true }));
  work();
  rmSync(path, { force: true });
}

function take(path) {
  if (!isHeld(path)) rmSync(path, { force: true });
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    // When the folder is not writable, the work itself reports it.
    return error.code !== "EEXIST";
  }
}

function isHeld(path) {
  try {
    if (Date.now() - statSync(path).mtimeMs > OUTDATED_MS) return false;
    return process.kill(Number(readFileSync(path, "utf8")), 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}
