import { Helper } from "../measure/helper.ts";
import { type Measured, measureLoad } from "./cell.ts";
import { type Load, loadsOf, warmUp } from "./loads.ts";
import { connector, makeRoom, type Where } from "./room.ts";
import type { LiveSurroundings } from "./run.ts";
import type { Transport } from "./scenarios.ts";

/** One transport under one load, received by all readers of a room. */
export interface FanOut extends Measured {
  kind: "fan-out";
  transport: Transport;
  load: string;
}

/** Measures one transport under each load. */
export async function fanOut(surroundings: LiveSurroundings, transport: Transport): Promise<FanOut[]> {
  const { status, sql, members, options, log } = surroundings;
  const room = await makeRoom(status, sql, members);
  const where = await connector(status, sql);
  const from = members.map((member) => where(member, room));
  const wheres = Array.from({ length: options.readers }, (_, at) => from[at % from.length]!);
  const cells: FanOut[] = [];
  for (const load of loadsOf(transport)) {
    log(`fan-out: ${transport}, ${load.name} …`);
    await using readers = new Helper("readers");
    await using senders = new Helper("senders");
    await open(readers, transport, wheres, load, options.supabase);
    const processes = { readers, senders, from };
    await measureLoad(surroundings, processes, warmUp(load));
    cells.push({ kind: "fan-out", transport, load: load.name, ...await measureLoad(surroundings, processes, load) });
  }
  return cells;
}

async function open(
  readers: Helper,
  transport: Transport,
  wheres: Where[],
  { stalled }: Load,
  supabase: number,
): Promise<void> {
  const plain = transport === "sockets" ? "messenger" : "frames";
  const ofSupabase = transport === "sockets" ? 0 : supabase;
  await readers.ask("open", { kind: "supabase", wheres: wheres.slice(0, ofSupabase) });
  await readers.ask("open", { kind: plain, wheres: wheres.slice(ofSupabase) });
  await readers.ask("open", { kind: plain, wheres: wheres.slice(0, stalled), read: false });
}
