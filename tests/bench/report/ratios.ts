import type { Compared } from "../against.ts";
import type { Cell } from "../measure/cell.ts";
import { median } from "../measure/median.ts";
import { digits, grid, whole } from "./grid.ts";
import { name } from "./table.ts";
import { walPerRequest } from "./wal.ts";

const HEADER = [
  "measured",
  "at once",
  "req/s",
  "ratio",
  "p99 ms",
  "ratio",
  "CPU ms/req",
  "ratio",
  "WAL kB/req",
  "ratio",
];

/**
 * What both did, and how ours compares: the median of ours, the median of the ratios of the pairs, and their spread.
 * Above 1, ours is more: better for the rate, worse for all others.
 */
export function ratios(compared: Compared[]): string {
  return grid([HEADER, ...compared.map(line)]);
}

function line({ theirs, ours }: Compared): string[] {
  const both = (figure: (cell: Cell) => number | null | undefined) => {
    const pairs = ours.flatMap((cell, index) => {
      const [mine, other] = [figure(cell), figure(theirs[index]!)];
      return mine && other ? [{ mine, ratio: mine / other }] : [];
    });
    const found = pairs.map(({ ratio }) => ratio);
    const spread = `${digits(median(found), 2)} (${digits(Math.min(...found), 2)}–${digits(Math.max(...found), 2)})`;
    return { mine: median(pairs.map(({ mine }) => mine)), spread: pairs.length > 0 ? spread : "–" };
  };
  const [rate, p99, cpu, wal] = [both(({ rate }) => rate), both(({ p99 }) => p99), both(cpuOf), both(walPerRequest)];
  return [
    name(ours[0]!),
    String(ours[0]!.connections),
    whole(rate.mine),
    rate.spread,
    digits(p99.mine, 1),
    p99.spread,
    digits(cpu.mine, 2),
    cpu.spread,
    digits(wal.mine, 2),
    wal.spread,
  ];
}

const cpuOf = ({ cpuPerRequest: cpu }: Cell) => cpu && cpu.postgres + cpu.gateway + cpu.lite + cpu.load;
