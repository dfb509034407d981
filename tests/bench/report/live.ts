import type { FanOut } from "../live/fan_out.ts";
import type { Idle } from "../live/idle.ts";
import type { LiveCell } from "../live/run.ts";
import { total, type Use } from "../measure/watch.ts";
import type { Part } from "../measure/processes.ts";
import { CHANNELS } from "./baseline.ts";
import { digits, grid, whole } from "./grid.ts";

const FAN_OUT = [
  ["fan-out", "messages/s", "deliveries/s", "heard all", "p50", "p99", "max", "answer p50", "refused"],
  ["MB", "cores: Postgres", "gateway", "Data API", "readers", "senders"],
].flat();
const IDLE = [
  "idle",
  "sockets",
  "rooms",
  "MB",
  "more MB: gateway",
  "Postgres",
  "all",
  "cores: Postgres",
  "gateway",
  "Auth, Data API",
  "lost",
];

/** The measurements of open sockets, as text; empty when there are none. */
export function liveReport(cells: LiveCell[]): string {
  const [fanOut, idle] = [
    cells.filter((cell) => cell.kind === "fan-out"),
    cells.filter((cell) => cell.kind === "idle"),
  ];
  const parts: string[] = [];
  if (idle.length > 0) parts.push(grid([IDLE, ...idle.map(idleLine)]));
  if (fanOut.length > 0) parts.push(grid([FAN_OUT, ...fanOut.map(fanOutLine), DJANGO_STEADY, DJANGO_SATURATED]));
  return [...parts, ...fanOut.flatMap(remarks)].join("\n\n");
}

const django = (name: string, rate: number, p50?: number, p99?: number) =>
  FAN_OUT.map((_, column) =>
    [
      `Django Channels, ${name}`,
      whole(rate / 100),
      whole(rate),
      "",
      p50 && digits(p50, 1),
      p99 && digits(p99, 1),
    ][column] ||
    ""
  );
const DJANGO_STEADY = django("20/s", 2000, CHANNELS.p50, CHANNELS.p99);
const DJANGO_SATURATED = django("saturated", CHANNELS.deliveries);

function fanOutLine(cell: FanOut): string[] {
  const { use, refused } = cell;
  return [
    `${cell.transport}, ${cell.load}`,
    whole(cell.accepted / cell.seconds),
    whole(cell.deliveries / cell.seconds),
    `${cell.complete} of ${cell.readers}`,
    digits(cell.p50, 1),
    digits(cell.p99, 1),
    digits(cell.max, 1),
    digits(cell.answerP50, 1),
    whole(Object.values(refused).reduce((sum, count) => sum + count, 0)),
    megabytes(use),
    digits(use.cores?.postgres, 2),
    digits(use.cores?.gateway, 2),
    digits(use.cores?.lite, 2),
    digits(cell.readersCores, 2),
    digits(cell.sendersCores, 2),
  ];
}

function idleLine({ transport, sockets, rooms, use, quiet, lost }: Idle): string[] {
  return [
    transport,
    whole(sockets),
    whole(rooms),
    megabytes(use),
    more(use, "gateway"),
    more(use, "postgres"),
    more(use),
    digits(quiet.cores?.postgres, 3),
    digits(quiet.cores?.gateway, 3),
    digits(quiet.cores?.lite, 3),
    counts(lost) || "none",
  ];
}

/** Notes below the table. */
function remarks(cell: FanOut): string[] {
  const { transport, load, sent, accepted, deliveries, readers, refused, lost } = cell;
  const notes = [
    `${whole(sent)} sent, ${whole(accepted)} accepted, ${whole(deliveries)} of ${whole(accepted * readers)} deliveries`,
  ];
  if (counts(refused)) notes.push(`refused: ${counts(refused)}`);
  if (counts(lost)) notes.push(`closed by the server: ${counts(lost)}`);
  if (load === "too much") notes.push(`MB at each fifth of the time: ${fifths(cell.use).join(", ")}`);
  if (cell.readersCores > 0.9) notes.push("the readers' process had no time left: it may be what limits");
  return [`${transport}, ${load}: ${notes.join("; ")}.`];
}

const fifths = ({ seen }: Use) => [1, 2, 3, 4, 5].map((part) => whole(seen[Math.ceil(seen.length * part / 5) - 1]));

function megabytes({ before, peak, after }: Use): string {
  return `${whole(total(before))} → ${whole(total(after))} (most: ${whole(peak)})`;
}

function more({ before, after }: Use, part?: Part): string {
  if (!before || !after) return "–";
  return whole(part ? after[part] - before[part] : total(after)! - total(before)!);
}

function counts(reasons: Record<string, number>): string {
  return Object.entries(reasons).map(([reason, count]) => `${count} x ${reason}`).join(", ");
}
