// Leaves out, under `npm run test:auth`, the tests that are about lite's Auth alone.
import process from "node:process";
import { beforeEach } from "vitest";

/** Why a test is left out, by its file in `tests/` and its title. */
const LITE_ONLY: Record<string, Record<string, string>> = {};

if (process.env.PARLEY_AUTH) {
  beforeEach(({ task, skip }) => {
    const file = task.file.name.replace(/^tests\//, "");
    const reason = LITE_ONLY[file]?.[task.name];
    if (reason) skip(reason);
  });
}
