import { setTimeout as sleep } from "node:timers/promises";
import { Helper } from "../measure/helper.ts";
import { type Use, Watch } from "../measure/watch.ts";
import { Random } from "../world/random.ts";
import { sentence } from "../world/text.ts";
import type { Load } from "./loads.ts";
import { lastSeq, type Where } from "./room.ts";
import type { LiveSurroundings } from "./run.ts";

/** What became of what was sent, as the process of the senders tells it. */
export interface Sent {
  startedAt: number;
  sent: number;
  /** How often each status, error or close instead of a message. */
  refused: Record<string, number>;
  /** Milliseconds until requests were answered. */
  answerP50: number | null;
  answerP99: number | null;
}

/** What the readers have heard of it. */
export interface Heard {
  deliveries: number;
  readers: number;
  /** Readers that heard every message once and in order. */
  complete: number;
  lastAt: number;
  /** Milliseconds from the send request to the receiver. */
  p50: number | null;
  p99: number | null;
  max: number | null;
  /** How sockets were closed that did not ask for it. */
  lost: Record<string, number>;
}

/** What was measured of one load. */
export interface Measured extends Sent, Heard {
  /** Messages that the room got by it. */
  accepted: number;
  /** From the first request to the last delivery. */
  seconds: number;
  use: Use;
  /** Cores that the load's own processes used. */
  readersCores: number;
  sendersCores: number;
}

/** When nobody has heard anything for so long, nothing will come. */
const STALE = 3000;

/** The processes of the load, with the readers' sockets open. */
export interface Processes {
  readers: Helper;
  senders: Helper;
  /** Where the senders are. */
  from: Where[];
}

/** Sends as the load tells, waits until everybody has heard it, and measures meanwhile. */
export async function measureLoad(
  { status, sql, options }: LiveSurroundings,
  { readers, senders, from }: Processes,
  load: Load,
): Promise<Measured> {
  const room = from[0]!.room;
  const first = await lastSeq(sql, room);
  await readers.ask("begin", { next: first + 1 });
  const cpu = { readers: readers.cpu, senders: senders.cpu };
  const watch = await Watch.start(status.pid);
  const sent = await senders.ask<Sent>("send", {
    ...load,
    senders: from.slice(0, load.senders),
    text: textOf(load.length),
    seconds: options.seconds * load.times,
  });
  const last = await untilHeard(readers, () => lastSeq(sql, room));
  const use = await watch.end();
  if (load.stalled > 0) await readers.ask("resume");
  const heard = await readers.ask<Heard>("result", { last });
  const seconds = (heard.lastAt - sent.startedAt) / 1000;
  return {
    ...sent,
    ...heard,
    accepted: last - first,
    seconds,
    use,
    readersCores: (readers.cpu - cpu.readers) / seconds,
    sendersCores: (senders.cpu - cpu.senders) / seconds,
  };
}

/** Resolves to the room's last message when all who are still there have heard it, or hear nothing any more. */
async function untilHeard(readers: Helper, lastSent: () => Promise<number>): Promise<number> {
  let known = { deliveries: -1, reached: 0 };
  for (let still = 0; still < STALE; still += 50) {
    const [last, now] = [await lastSent(), await readers.ask<typeof known>("progress")];
    if (now.reached >= last && now.deliveries === known.deliveries) return last;
    if (now.deliveries !== known.deliveries) still = 0;
    known = now;
    await sleep(50);
  }
  return await lastSent();
}

function textOf(length: number): string {
  const random = new Random(7);
  let text = sentence(random);
  while (text.length < length) text += ` ${sentence(random)}`;
  return text.slice(0, length);
}
