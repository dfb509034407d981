import { expect, test } from "vitest";
import { compare, type Limitations } from "../upstream/limitations.ts";
import { ofCheck, ofJest, type Outcome } from "../upstream/outcome.ts";

// What npm run test:upstream makes of what Supabase's own tests report.

const KNOWN: Limitations = {
  limitations: [{ part: "Auth", sentence: "…", tests: ["auth-js › a", "auth-js › b", "other › c"] }],
  unsteady: [{ test: "auth-js › unsteady", reason: "…" }],
};
const passed = (name: string): Outcome => ({ name, state: "passed" });
const failed = (name: string): Outcome => ({ name, state: "failed" });

test("a run that fails as expected has no difference", () => {
  const run = [failed("auth-js › a"), failed("auth-js › b"), passed("auth-js › d"), failed("auth-js › unsteady")];
  expect(compare(run, KNOWN)).toEqual({ failures: [], passes: [], unknown: [] });
});

test("a new failure, a new pass and a test that no longer exists are differences", () => {
  const run = [passed("auth-js › a"), failed("auth-js › d"), passed("auth-js › unsteady")];
  expect(compare(run, KNOWN)).toEqual({
    failures: [failed("auth-js › d")],
    passes: [passed("auth-js › a")],
    unknown: ["auth-js › b"],
  });
});

test("a test that is skipped no longer shows what is missing", () => {
  const run: Outcome[] = [
    { name: "auth-js › a", state: "skipped" },
    failed("auth-js › b"),
    passed("auth-js › unsteady"),
  ];
  expect(compare(run, KNOWN).passes).toEqual([{ name: "auth-js › a", state: "skipped" }]);
});

test("a file that cannot be loaded is one failed test", () => {
  const titled = { ancestorTitles: ["Sessions"], failureMessages: [] };
  const testResults = [
    {
      name: "/run/packages/core/auth-js/test/lib/utils.test.ts",
      message: "",
      assertionResults: [
        { ...titled, title: "signs in", status: "passed" },
        { ...titled, title: "signs out", status: "pending" },
      ],
    },
    {
      name: "/run/test/broken.test.ts",
      message: "  ● Test suite failed to run\n\n  No such module",
      assertionResults: [],
    },
  ];
  expect(ofJest({ testResults })).toEqual([
    { name: "lib/utils.test.ts › Sessions › signs in", state: "passed" },
    { name: "lib/utils.test.ts › Sessions › signs out", state: "skipped" },
    { name: "broken.test.ts", state: "failed", reason: "No such module" },
  ]);
});

test("the report of Realtime's check is read", () => {
  const tests = [{ name: "joins", passed: true }, { name: "leaves", passed: false, error: "Timed out\n  at …" }];
  expect(ofCheck({ suites: { presence: { tests } } })).toEqual([
    { name: "presence › joins", state: "passed" },
    { name: "presence › leaves", state: "failed", reason: "Timed out" },
  ]);
});
