// A process of its own: the clients that receive the events of rooms, or stay idle.
import { setTimeout as sleep } from "node:timers/promises";
import { obey } from "./commands.mjs";
import { kinds } from "./sockets.mjs";
import { Tally } from "./tally.mjs";

const AT_ONCE = 10;
const RESUMED = 2000;
const tally = new Tally();
const opened = [];

await obey({
  /** Opens sockets of a kind; those with `read: false` never read. */
  async open({ kind, wheres, read = true }) {
    const left = [...wheres];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let where = left.pop(); where; where = left.pop()) opened.push(await openOne(kind, where, read));
    }));
    return { opened: opened.length };
  },
  begin({ next }) {
    tally.begin(next);
  },
  progress: () => tally.progress,
  /** Lets sockets read that did not, until they know how they were closed. */
  async resume() {
    for (const { resume } of opened) resume?.();
    await sleep(RESUMED);
  },
  result: ({ last }) => tally.result(last),
  lost: () => ({ lost: tally.lost }),
});

async function openOne(kind, where, read) {
  const reader = tally.reader(read);
  const socket = await kinds[kind](where, {
    hear: (seq, sent) => tally.hear(reader, seq, sent),
    lose: (code) => tally.lose(reader, code),
  });
  if (!read) socket.pause();
  return socket;
}
