// A process of its own, as load.mjs: the transactions of a route straight from clients of Postgres, without HTTP.
import { text } from "node:stream/consumers";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { Measurement } from "./measure.mjs";

/** @type {{ url: string, connections: number, seconds: number, warmup: number, requests: object[] }} */
const { url, connections, seconds, warmup, requests } = JSON.parse(await text(process.stdin));
const measurement = new Measurement();

/** As a connection of the functions starts. */
const ROLE = "authenticated";
const connection = { role: ROLE, TimeZone: "UTC", plan_cache_mode: "force_generic_plan" };

/** One transaction, all of it sent at once; rows are not parsed, as pgbench reads none either. */
async function transaction(sql, { claims, statements }) {
  const sent = [
    sql`begin`.simple(),
    sql`select set_config('role', ${ROLE}, true), set_config('request.jwt.claims', ${claims}, true)`.raw(),
    ...statements.map(({ text, values }) => sql.unsafe(text, values, { prepare: true }).raw()),
    sql`commit`.simple(),
  ];
  const failed = (await Promise.allSettled(sent)).find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

/** Each client executes transactions of its own, one after the other. */
async function client(first) {
  const sql = await postgres(url, { max: 1, connection, onnotice: () => {} }).reserve();
  for (let at = first;; at += connections) {
    const sent = performance.now();
    await transaction(sql, requests[at % requests.length])
      .then(() => measurement.succeeded(performance.now() - sent))
      .catch((error) => measurement.failed(error.message));
  }
}

for (let first = 0; first < connections; first++) {
  client(first).catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

await sleep(warmup * 1000);
measurement.start();
await sleep(seconds * 1000);
measurement.end();
