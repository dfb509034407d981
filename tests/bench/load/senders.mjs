// A process of its own: users who send messages to one room, in one way each.
import { setTimeout as sleep } from "node:timers/promises";
import { obey } from "./commands.mjs";
import { ways } from "./sending.mjs";
import { now } from "./stamp.mjs";

/** The fate of the messages, while they are sent. */
class Log {
  startedAt = now();
  sent = 0;
  answered = 0;
  refused = {};
  answers = [];

  refuse(reason) {
    this.refused[reason] = (this.refused[reason] ?? 0) + 1;
  }

  get result() {
    const { startedAt, sent, refused } = this;
    const sorted = this.answers.sort((a, b) => a - b);
    const percentile = (part) => sorted[Math.floor(sorted.length * part)] ?? null;
    return { startedAt, sent, refused, answerP50: percentile(0.5), answerP99: percentile(0.99) };
  }
}

await obey({
  /** Sends for that many seconds: `rate` messages a second by the clock, or each sender `together` at once. */
  async send({ way, senders, text, seconds, rate, together }) {
    const log = new Log();
    const open = await Promise.all(senders.map((sender) => ways[way](sender, log)));
    log.startedAt = now();
    const until = log.startedAt + seconds * 1000;
    const work = open.map((one) => rate ? byTheClock(one, text, rate, until) : always(one, text, together, until));
    await Promise.all(work);
    for (const { close } of open) close();
    return log.result;
  },
});

/** At even intervals, whether or not earlier messages have their responses. */
async function byTheClock({ send }, text, rate, until) {
  const sending = [];
  for (let due = now(); due < until; due += 1000 / rate) {
    if (due > now()) await sleep(due - now());
    sending.push(send(text));
  }
  await Promise.all(sending);
}

/** As fast as responses come, that many at once. */
async function always({ send }, text, together, until) {
  await Promise.all(Array.from({ length: together }, async () => {
    while (now() < until) await send(text);
  }));
}
