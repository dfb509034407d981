// Leaves out, under `npm run test:auth`, the tests that are about lite's Auth alone.
import process from "node:process";
import { beforeEach } from "vitest";

/** Why a test is left out, by its file in `tests/` and its title. */
const LITE_ONLY: [file: string, titles: string[], reason: string][] = [
  [
    "api/throttling.test.ts",
    ["Auth throttles wrong passwords by address"],
    "lite counts refused attempts only; tests/auth/limits.test.ts tries Auth's own limits",
  ],
  [
    "api/throttling.test.ts",
    ["Auth responds to an unknown email as to a known one, as slowly"],
    "Auth itself answers an unknown address sooner, as docs/accounts.md says",
  ],
];

if (process.env.PARLEY_AUTH) {
  beforeEach(({ task, skip }) => {
    const isMeant = ([file, titles]: typeof LITE_ONLY[number]) =>
      task.file.name.endsWith(`tests/${file}`) && titles.includes(task.name);
    const [, , reason] = LITE_ONLY.find(isMeant) ?? [];
    if (reason) skip(reason);
  });
}
