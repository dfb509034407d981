import { setTimeout as sleep } from "node:timers/promises";
import { Helper } from "../measure/helper.ts";
import { type Use, Watch } from "../measure/watch.ts";
import { Random } from "../world/random.ts";
import { sentence } from "../world/text.ts";
import type { Load } from "./loads.ts";
import { lastSeq, type Where } from "./room.ts";
import type { LiveSurroundings } from "./run.ts";

/** The fate of the messages sent, as the process of the senders reports it. */
export interface Sent {
  startedAt: number;
  sent: number;
  /** How often each status, error or close instead of a message. */
  refused: Record<string, number>;
  /** Milliseconds until requests had their responses. */
  answerP50: number | null;
  answerP99: number | null;
}

/** What the readers have received. */
export interface Heard {
  deliveries: number;
  readers: number;
  /** Readers that received every message once and in order. */
  complete: number;
  lastAt: number;
  /** Milliseconds from the send request to the receiver. */
  p50: number | null;
  p99: number | null;
  max: number | null;
  /** How sockets were closed without their request. */
  lost: Record<string, number>;
}

/** The measurements of one load. */
export interface Measured extends Sent, Heard {
  /** Messages that it added to the room. */
  accepted: number;
  /** From the first request to the last delivery. */
  seconds: number;
  use: Use;
  /** Cores that the load's own processes used. */
  readersCores: number;
  sendersCores: number;
}

/** When nothing has arrived for this long, nothing will. */
const STALE = 3000;

/** The processes of the load, with the readers' sockets open. */
export interface Processes {
  readers: Helper;
  senders: Helper;
  /** Where the senders are. */
  from: Where[];
}

/** Sends the load, waits until every reader has received it, and measures during that time. */
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

/** Resolves to the room's last message once every open reader has received it, or nothing arrives any more. */
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
