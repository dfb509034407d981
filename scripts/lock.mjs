// Lets one program at a time do what two must not do at once. Node only, no packages.
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";

const PAUSE_MS = 500;
/** A lock that is as old was left by a program whose number another one has now. */
const OUTDATED_MS = 15 * 60 * 1000;

/** Does some work while no other program holds the file `path`; who was killed holds it no longer. */
export function alone(path, work) {
  for (let waiting = false; !take(path);) {
    if (!waiting) console.log("Another set-up is under way; waiting for it …");
    waiting = true;
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
    // Where nothing can be written the work itself says so.
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
