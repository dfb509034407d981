import type { Scenario } from "../scenarios.ts";

/** A well-tuned Django on the same kind of machine: two cores, load generator included, 16 connections. */
export const DJANGO: Partial<Record<Scenario, { rate: number; p99: number }>> = {
  send: { rate: 396, p99: 65 },
  history: { rate: 342, p99: 59 },
  inbox: { rate: 638, p99: 90 },
};

export const DJANGO_CONNECTIONS = 16;

/** Megabytes of all its processes (PSS). */
export const DJANGO_MEMORY = 507;

/** Django Channels, 100 sockets in one room: at 20 messages a second, and saturated. */
export const CHANNELS = { p50: 12, p99: 18.5, deliveries: 10_460 };
