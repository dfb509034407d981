import process from "node:process";
import { parseArgs } from "node:util";
import { type Growth, growths } from "./growth/scenarios.ts";
import { type LiveScenario, liveScenarios } from "./live/scenarios.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

const requests = Object.keys(scenarios) as Scenario[];

export const usage = `npm run bench -- [options]
  --seconds N            how long each cell is measured (8)
  --warmup N             how long it is loaded before that (2)
  --only LIST            of ${[...requests, ...growths, ...liveScenarios].join(", ")}; the beginning of a name is enough
  --concurrency LIST     connections at once (1,16,64)
  --people N             how many people are signed in (100)
  --scale N              then makes rooms and unread backlogs N times as large, and measures once more
  --members LIST         members of a room, of growth (10,200)
  --rooms LIST           rooms of a person, of growth (10,200)
  --readers N            sockets of fan-out (100)
  --supabase N           of them, clients of supabase-js where channels are measured (100)
  --idle N               sockets of idle (1000)
  --status FILE          uses the running stack that wrote this status.json, and leaves it filled
  --against FOLDER       compares with another checkout, whose packages are installed: each runs its own bench, in turns
  --pairs N              how often each of the two is measured then (3)
  --json FILE            where the figures go (tests/bench/results/TIME.json)`;

export interface Options {
  seconds: number;
  warmup: number;
  only: Scenario[];
  growth: Growth[];
  live: LiveScenario[];
  concurrency: number[];
  people: number;
  scale: number;
  members: number[];
  rooms: number[];
  readers: number;
  supabase: number;
  idle: number;
  status?: string;
  against?: string;
  pairs: number;
  json?: string;
}

/** Reads the command line; undefined when it asks for help. @throws with the usage when it is wrong. */
export function readOptions(): Options | undefined {
  const option = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      seconds: { ...option, default: "8" },
      warmup: { ...option, default: "2" },
      only: { ...option, default: "" },
      concurrency: { ...option, default: "1,16,64" },
      people: { ...option, default: "100" },
      scale: { ...option, default: "1" },
      members: { ...option, default: "10,200" },
      rooms: { ...option, default: "10,200" },
      readers: { ...option, default: "100" },
      supabase: { ...option, default: "100" },
      idle: { ...option, default: "1000" },
      status: option,
      against: option,
      pairs: { ...option, default: "3" },
      json: option,
      help: { type: "boolean", short: "h", default: false },
    },
    args: process.argv.slice(2),
  });
  if (values.help) return undefined;
  if (values.against && values.status) {
    throw new Error("--against starts both stacks itself, so it does not go with --status.");
  }
  return {
    seconds: number("seconds", values.seconds),
    warmup: number("warmup", values.warmup, 0),
    only: chosen(values.only, requests),
    growth: chosen(values.only, growths),
    live: chosen(values.only, liveScenarios),
    concurrency: numbers("concurrency", values.concurrency),
    people: number("people", values.people),
    scale: number("scale", values.scale),
    members: numbers("members", values.members),
    rooms: numbers("rooms", values.rooms),
    readers: number("readers", values.readers),
    supabase: number("supabase", values.supabase, 0),
    idle: number("idle", values.idle),
    status: values.status,
    against: values.against,
    pairs: number("pairs", values.pairs),
    json: values.json,
  };
}

function number(name: string, value: string, least = 1): number {
  const found = Number(value);
  if (!Number.isInteger(found) || found < least) throw new Error(`--${name} takes whole numbers from ${least} on.`);
  return found;
}

const numbers = (name: string, list: string) => list.split(",").map((value) => number(name, value));

function chosen<Name extends string>(list: string, names: readonly Name[]): Name[] {
  const wanted = list.split(",").filter((name) => name !== "");
  const unknown = wanted.find((name) =>
    ![...requests, ...growths, ...liveScenarios].some((known) => known.startsWith(name))
  );
  if (unknown) throw new Error(`There is nothing called ${unknown} to measure.`);
  return names.filter((known) => wanted.length === 0 || wanted.some((name) => known.startsWith(name)));
}
