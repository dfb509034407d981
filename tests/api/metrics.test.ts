import { expect, inject, test } from "vitest";
import { newUser } from "../support/users.ts";

const { functions_url, publishable_key, secret_key } = inject("status");
const scrape = (headers: [string, string][]) => fetch(`${functions_url}/jobs/metrics`, { headers });
/** A line of the text format, version 0.0.4: a name, labels and a number. */
const SAMPLE =
  /^([a-z_]+)(?:\{([a-z_]+="(?:[^"\\\n]|\\[\\n"])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\n"])*")*)\})? (\d+(?:\.\d+)?(?:e\+\d+)?)$/;

test("GET /metrics → 200 in the text format of Prometheus, with the secret key", async () => {
  for (const header of [["Authorization", `Bearer ${secret_key}`], ["apikey", secret_key]] as [string, string][]) {
    const response = await scrape([header]);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text.endsWith("\n")).toBe(true);
    const [types, seen] = [new Map<string, string>(), new Set<string>()];
    let family = "";
    for (const line of text.trimEnd().split("\n")) {
      const [, helped] = /^# HELP (\S+) \S.*$/.exec(line) ?? [];
      const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
      if (helped) family = helped;
      else if (typed) types.set(typed, type!);
      else {
        const [, name, labels] = SAMPLE.exec(line) ?? [];
        // The samples of a metric are together, after its type, and each is there once.
        const isHistogram = types.get(family) === "histogram";
        expect([line, isHistogram ? name?.replace(/_(bucket|sum|count)$/, "") : name]).toEqual([line, family]);
        expect(types.has(family) && !seen.has(`${name}{${labels}}`)).toBe(true);
        seen.add(`${name}{${labels}}`);
      }
    }
    expect(types.get("parley_messages_total")).toBe("counter");
    expect([...types.keys()]).toEqual(expect.arrayContaining([
      "parley_info",
      "parley_accounts_total",
      "parley_open_reports",
      "parley_suspended_people",
      "parley_queue_rows",
      "parley_job_failing",
      "parley_database_connections",
      "parley_database_size_bytes",
    ]));
  }
});

test("GET /metrics counts the requests of the functions, which their workers add within seconds", async () => {
  /** The value of each sample of a function. */
  const read = async (name: string) => {
    const text = await (await scrape([["apikey", secret_key]])).text();
    const lines = text.split("\n").filter((line) => line.includes(`function="${name}"`)).map((line) =>
      line.split("} ")
    );
    return new Map(lines.map(([series, value]) => [`${series}}`, Number(value)]));
  };
  const requests = (status: string) => `parley_function_requests_total{status="${status}",function="assistant"}`;
  const before = await read("assistant");
  const statuses = await Promise.all(
    ["api/schema/", "nothing", "nothing"].map(async (path) =>
      (await fetch(`${functions_url}/assistant/${path}`, { headers: { apikey: publishable_key } })).status
    ),
  );
  expect(statuses).toEqual([200, 404, 404]);
  const more = async (status: string) =>
    ((await read("assistant")).get(requests(status)) ?? 0) - (before.get(requests(status)) ?? 0);
  await expect.poll(() => more("4xx"), { timeout: 60_000, interval: 500 }).toBeGreaterThanOrEqual(2);
  expect(await more("2xx")).toBeGreaterThanOrEqual(1);
  const after = await read("assistant");
  const values = (part: string) =>
    [...after].filter(([series]) => series.startsWith(`parley_function_duration_seconds_${part}{`)).map(([, value]) =>
      value
    );
  const steps = values("bucket");
  expect(steps).toHaveLength(12);
  expect(steps).toEqual(steps.toSorted((one, other) => one - other));
  expect(values("count")).toEqual([steps.at(-1)]);
  expect(values("sum")[0]).toBeGreaterThan(0);
});

test("GET /metrics → 401 without the secret key", async () => {
  const { token } = await newUser("ann");
  expect((await scrape([])).status).toBe(401);
  expect((await scrape([["apikey", publishable_key]])).status).toBe(401);
  expect((await scrape([["Authorization", `Bearer ${token}`]])).status).toBe(401);
  expect((await scrape([["apikey", `${secret_key}x`]])).status).toBe(401);
});
