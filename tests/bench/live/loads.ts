import type { Transport } from "./scenarios.ts";

/** How messages are sent to the room. */
export interface Load {
  name: string;
  way: "rest" | "rpc" | "socket";
  senders: number;
  /** Messages a second by the clock, for each sender. */
  rate?: number;
  /** Otherwise: that many requests at once for each sender. */
  together?: number;
  /** Characters of a message. */
  length: number;
  /** Sockets that never read, besides those that do. */
  stalled: number;
  /** How many times as long as the other cells. */
  times: number;
}

const steady = { senders: 1, rate: 20, length: 60, stalled: 0, times: 1 };
const saturated = {
  name: "saturated",
  way: "rest",
  senders: 1,
  together: 8,
  length: 60,
  stalled: 0,
  times: 1,
} as const;
const flood = { name: "too much", senders: 8, length: 4000, stalled: 5, times: 3 };

/** The loads of each transport. */
export function loadsOf(transport: Transport): Load[] {
  if (transport === "sockets") {
    return [{ ...steady, name: "20/s", way: "rest" }, saturated, { ...flood, way: "socket", rate: 250 }];
  }
  return [
    { ...steady, name: "20/s", way: "rest" },
    { ...steady, name: "20/s by RPC", way: "rpc" },
    saturated,
    { ...flood, way: "rest", together: 32 },
  ];
}

/** An unreported load before each other, with requests of the same kind. */
export function warmUp({ way, rate }: Load): Load {
  const isSteady = rate === steady.rate;
  return { ...saturated, way: isSteady ? way : "rest", together: isSteady ? 1 : saturated.together, times: 0.25 };
}
