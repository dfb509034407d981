// A process of its own: reads one job from standard input and loads the server. JavaScript, since it runs on Node, where
// autocannon costs the least.
import { text } from "node:stream/consumers";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { Measurement } from "./measure.mjs";

/** @type {{ url: string, connections: number, seconds: number, warmup: number, requests: object[] }} */
const { url, connections, seconds, warmup, requests } = JSON.parse(await text(process.stdin));
const measurement = new Measurement();

// Each connection sends requests of its own, one after the other; they are built before the first is sent.
let next = 0;
function setupClient(client) {
  const first = next++;
  client.setRequests(requests.filter((_, at) => at % connections === first));
}

const run = autocannon({ url, connections, duration: warmup + seconds + 60, timeout: 60, setupClient });
run.on("response", (_client, status, _bytes, milliseconds) => {
  if (status >= 200 && status < 300) measurement.succeeded(milliseconds);
  else measurement.failed(status);
});
run.on("reqError", (error) => measurement.failed(error.message));

await sleep(warmup * 1000);
measurement.start();
await sleep(seconds * 1000);
measurement.end();
