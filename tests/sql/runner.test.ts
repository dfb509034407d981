import { expect, inject, test } from "vitest";
import { run } from "./run.ts";

const url = inject("status").db_url;

test("a failing assertion fails, with its diagnostics", async () => {
  const { assertions, problem } = await run(
    `begin;
    select plan(2);
    select is(1 + 1, 2, 'one and one');
    select is(1 + 1, 3, 'a wrong sum');
    select * from finish();
    rollback;`,
    url,
  );
  expect(problem).toBeUndefined();
  expect(assertions.map(({ title, outcome }) => [title, outcome])).toEqual([
    ["one and one", "passed"],
    ["a wrong sum", "failed"],
  ]);
  expect(assertions[1]?.diagnostics).toMatch(/have: 2\s+want: 3/);
});

test("a plan that is not kept fails", async () => {
  const { problem } = await run("begin; select plan(2); select pass('one'); rollback;", url);
  expect(problem).toBe("The file plans 2 assertions and ran 1.");
});

test("a statement that raises fails the file, by its line", async () => {
  const { assertions, problem } = await run(
    "begin;\nselect plan(2);\nselect pass('one');\n-- über\nselect\n  1 / 0;\n",
    url,
  );
  expect(assertions).toHaveLength(1);
  expect(problem).toMatch(/^Line 5: division by zero.*\(22012\)$/s);
});

test("a file that is chosen to end a deadlock runs again", async () => {
  const locking = (first: number, second: number) =>
    `begin;
    select plan(1);
    select from pg_advisory_xact_lock(${first});
    select from pg_sleep(0.3);
    select from pg_advisory_xact_lock(${second});
    select pass('both are held');
    select * from finish();
    rollback;`;
  const reports = await Promise.all([run(locking(7001, 7002), url), run(locking(7002, 7001), url)]);
  expect(reports.map(({ problem, assertions }) => [problem, assertions.length])).toEqual([[undefined, 1], [
    undefined,
    1,
  ]]);
});
