import process from "node:process";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { RELEASE } from "../../client/sdk/src/contract/release.ts";
import { serves } from "../../functions/_shared/db/release.ts";
import { startWorker } from "../relay/worker.ts";
import { database } from "../support/clients.ts";

const status = inject("status");
const name = `release_${process.pid}`;
const other = new URL(status.db_url);
other.pathname = name;

const sql = database();
beforeAll(() => sql.unsafe(`create database ${name}`));
afterAll(async () => {
  await sql.unsafe(`drop database ${name} with (force)`);
  await sql.end();
});

/** Makes the other database one of a release; without any, one that has no Parley. */
async function become(release?: string): Promise<void> {
  const there = database({ db_url: other.href });
  await there`drop schema if exists chat, chat_private cascade`;
  if (release) {
    await there.unsafe(`
      create schema chat;
      grant usage on schema chat to authenticated;
      create function chat.version() returns text language sql as $$ select '${release}' $$;
      create schema chat_private;
      create function chat_private.begin_login(text, text, out email text, out wait_seconds int, out has_password bool)
        language sql as 'select null, 60, true';
      create function chat_private.old_password(
        text, out user_id uuid, out hash text, out other_hash text, out has_imported bool
      ) language sql as 'select null::uuid, null::text, null::text, false';`).simple();
  }
  await there.end();
}

/** A worker on the other database; signing in is the first thing that asks it. */
async function worker() {
  const running = await startWorker({ SUPABASE_DB_URL: other.href });
  onTestFinished(running.stop);
  return (path: string) =>
    fetch(`${running.url}/messenger/api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: "ann", password: "correct horse" }),
    });
}

const [major] = RELEASE.split(".");

test.each([
  [undefined, "no release of Parley"],
  [`${Number(major) + 1}.0.0`, `Parley ${Number(major) + 1}.0.0`],
  [`${Number(major) - 1}.9.0`, `Parley ${Number(major) - 1}.9.0`],
])("functions refuse to serve on a database of another major release: %s", async (release, has) => {
  await become(release);
  const call = await worker();
  for (let turn = 0; turn < 2; turn++) {
    const response = await call("auth/login/");
    expect([response.status, response.headers.get("Retry-After"), await response.json()]).toEqual([503, "60", {
      detail:
        `The functions are of Parley ${RELEASE}, and the database has ${has}: the older of the two must be upgraded.`,
      code: "other_release",
    }]);
  }
});

test("they serve, without a restart, once the database has their release or a newer one", async () => {
  await become();
  const call = await worker();
  expect((await call("auth/login/")).status).toBe(503);
  for (const release of [RELEASE, `${major}.99.0`]) {
    await become(release);
    // All that the other database has is a refusal of every login.
    expect((await call("auth/login/")).status).toBe(429);
  }
});

test.each([
  ["1.1.0", "1.1.0", true],
  ["1.1.10", "1.1.9", true],
  ["1.2.0", "1.1.9", true],
  ["1.0.9", "1.1.0", false],
  ["1.1.0", "1.1.1", false],
  ["2.0.0", "1.1.0", false],
  ["0.9.0", "1.1.0", false],
])("a database of %s serves functions of %s: %s", (database, functions, isServed) => {
  expect(serves(database, functions)).toBe(isServed);
});
