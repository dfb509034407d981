import { setTimeout as sleep } from "node:timers/promises";
import { Helper } from "../measure/helper.ts";
import { type Use, Watch } from "../measure/watch.ts";
import { Random } from "../world/random.ts";
import { connector } from "./room.ts";
import type { LiveSurroundings } from "./run.ts";
import type { Transport } from "./scenarios.ts";

/** The cost of idle sockets. */
export interface Idle {
  kind: "idle";
  transport: Transport;
  sockets: number;
  /** The number of their rooms. */
  rooms: number;
  /** From before the first was opened to the end of `quiet`. */
  use: Use;
  /** While all were open and only heartbeats were sent. */
  quiet: Use;
  lost: Record<string, number>;
}

/** The interval of supabase-js's heartbeats: each socket sends one within it. */
const QUIET = 25_000;
const SETTLE = 5000;

/** Opens sockets of random users in random rooms of theirs, and leaves them idle. */
export async function idle({ status, sql, members, options, log }: LiveSurroundings, transport: Transport) {
  const where = await connector(status, sql);
  const random = new Random(8);
  const wheres = Array.from({ length: options.idle }, () => {
    const member = random.pick(members);
    return where(member, random.pick(member.rooms));
  });
  await sleep(SETTLE);
  await using readers = new Helper("readers");
  const whole = await Watch.start(status.pid);
  log(`idle: ${transport}, opening ${options.idle} sockets …`);
  await readers.ask("open", { kind: transport === "sockets" ? "messenger" : "supabase", wheres });
  await sleep(SETTLE);
  const silence = await Watch.start(status.pid);
  await sleep(QUIET);
  const quiet = await silence.end();
  const use = await whole.end();
  const { lost } = await readers.ask<Pick<Idle, "lost">>("lost");
  const rooms = new Set(wheres.map(({ room }) => room)).size;
  const cell: Idle = { kind: "idle", transport, sockets: options.idle, rooms, use, quiet, lost };
  return [cell];
}
