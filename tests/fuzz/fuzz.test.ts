import process from "node:process";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Contract } from "../api/openapi.ts";
import { database } from "../support/clients.ts";
import { memory } from "./memory.ts";
import { type Draft, drafts, MINE, type Operation } from "./requests.ts";
import { Values } from "./schemas.ts";
import { type Answer, describe as show, send, type Sent } from "./sending.ts";
import { badAuthorizations } from "./tokens.ts";
import { judge, judgeSlow, SLOW_MS, tellNothing } from "./verdicts.ts";
import { Fixture } from "./fixture.ts";

const status = inject("status");
const ALL = "messenger,social,mini-chat,conversations,chat-sessions,assistant,accounts";
const { FUZZ_APIS = ALL, FUZZ_COUNT = "250", FUZZ_SEED = "7", FUZZ_PROGRESS } = process.env;
const [count, seed] = [Number(FUZZ_COUNT), Number(FUZZ_SEED)];
/** Passwords are slow by design: these operations get fewer requests. */
const SLOW = /^POST .*(auth|login|register|token|password|accounts|sign-in)/;
/** Operations that end sessions. */
const LEAVING = /logout|password/;
/** Operations that need what cannot be made up: a code that only Google issues, a form with a file, a secret key, or a moderator. */
const ABROAD = /google|\/uploads\/$|^\/api\/users\/\{user_id\}\/export\/$|\/reports\/(queue|.*resolve)\/$|\/mutes\//;
/** After that many requests the attacker's things are used up. */
const RENEWAL = 25;
/** How many more tries an operation gets that has not succeeded by then. */
const MORE = 300;
/** Megabytes by which the server's memory may grow. */
const GROWTH = 300;

const sql = database();
let fixture: Fixture;
beforeAll(async () => void (fixture = await Fixture.make(sql)));
afterAll(() => sql.end());

describe.each(FUZZ_APIS.split(","))("%s, given hostile input", (api) => {
  test(`stands ${count} requests (seed ${seed})`, { timeout: 60_000 + count * 60 }, async () => {
    fixture.api = api;
    const { contract, operations, values } = await read(api);
    const bad = Object.values(await badAuthorizations(fixture.me, { ...status }));
    const [before, secrets] = [memory(status.pid), await fixture.untouched()];
    const seen = new Map<number, number>();
    const answerable = operations.filter(({ method, path }) => count >= 5_000 || !SLOW.test(`${method} ${path}`));
    const unanswered = new Set(answerable.filter(({ path }) => !ABROAD.test(path)));
    let done = 0;
    let last = "";

    const base = new URL(`${status.functions_url}/${api}`);
    const judging = { contract, prefix: base.pathname, mark: fixture.mark, databaseIsUp };
    const attempt = async (draft: Draft) => {
      if (done++ % RENEWAL === 0) await fixture.renew();
      const build = (): Sent => {
        const own = `Bearer ${fixture.me.token}`;
        const headers = draft.headers.map(([name, value]): [string, string] => [name, value === MINE ? own : value]);
        return { ...draft, headers, host: base.host, path: base.pathname + draft.path(), body: draft.body() };
      };
      const { sent, secrets: named } = fixture.naming(build);
      let answer: Answer | undefined;
      try {
        answer = await send(sent);
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
        await judge(sent, answer, judging);
        if (answer.milliseconds > SLOW_MS) await judgeSlow(sent);
        if (named && answer.status >= 400) tellNothing(answer, await send(fixture.pretending(build)));
        fixture.heard(answer.body);
        if (answer.status < 300 && LEAVING.test(draft.operation.path)) fixture.isSignedOut = true;
        if (answer.status < 400 && sent.method === draft.operation.method) unanswered.delete(draft.operation);
      } catch (error) {
        last = `${(error as Error).message}\n\n${show(sent, answer)}`;
        throw error;
      }
      if (FUZZ_PROGRESS && done % 500 === 0) report(api, done, seen, before);
    };
    const any = fc.oneof(...operations.map((operation) => ({
      weight: SLOW.test(`${operation.method} ${operation.path}`) ? 2 : operation.body ? 8 : 4,
      arbitrary: drafts(operation, values, bad),
    })));
    const { failed, counterexamplePath } = await fc.check(fc.asyncProperty(any, attempt), { seed, numRuns: count });
    if (failed) throw new Error(`${last}\n\nRequest ${done} of seed ${seed}, path ${counterexamplePath}.`);
    for (const operation of unanswered) {
      const more = fc.sample(drafts(operation, values, bad), { seed, numRuns: MORE });
      for (const draft of more) if (unanswered.has(operation)) await attempt(draft);
    }

    expect(await fixture.untouched(), "the victim's rows").toBe(secrets);
    expect(memory(status.pid) - before, "megabytes more in memory").toBeLessThan(GROWTH);
    expect([...unanswered].map(({ method, path }) => `${method} ${path}`), "never succeeded").toEqual([]);
  });
});

/** The document that an API serves, and its operations. */
async function read(api: string) {
  const document = await (await fetch(`${status.functions_url}/${api}/api/schema/`)).json();
  const operations = Object.entries<Record<string, Record<string, never>>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]): Operation => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: (requestBody as { content: Record<string, { schema: object }> } | undefined)?.content["application/json"]
        ?.schema,
    }))
  );
  return { contract: new Contract(document), operations, values: new Values(fixture, document.components.schemas) };
}

const databaseIsUp = () => sql`select 1`.then(() => true, () => false);

function report(api: string, done: number, seen: Map<number, number>, before: number): void {
  const statuses = [...seen].toSorted(([one], [other]) => one - other).map(([status, times]) => `${status}: ${times}`);
  console.log(`${api} ${done} of ${count}, ${memory(status.pid) - before} MB more; ${statuses.join(", ")}`);
}
