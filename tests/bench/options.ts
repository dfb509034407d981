import process from "node:process";
import { parseArgs } from "node:util";
import { type Scenario, scenarios } from "./scenarios.ts";

export const usage = `npm run bench -- [options]
  --seconds N            how long each cell is measured (8)
  --warmup N             how long it is loaded before that (2)
  --only LIST            of ${Object.keys(scenarios).join(", ")}; the beginning of a name is enough
  --concurrency LIST     connections at once (1,16,64)
  --people N             how many people are signed in (100)
  --scale N              then makes rooms and unread backlogs N times as large, and measures once more
  --status FILE          uses the running stack that wrote this status.json, and leaves it filled
  --json FILE            where the figures go (tests/bench/results/TIME.json)`;

export interface Options {
  seconds: number;
  warmup: number;
  only: Scenario[];
  concurrency: number[];
  people: number;
  scale: number;
  status?: string;
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
      status: option,
      json: option,
      help: { type: "boolean", short: "h", default: false },
    },
    args: process.argv.slice(2),
  });
  if (values.help) return undefined;
  return {
    seconds: number("seconds", values.seconds),
    warmup: number("warmup", values.warmup, 0),
    only: chosen(values.only),
    concurrency: values.concurrency.split(",").map((value) => number("concurrency", value)),
    people: number("people", values.people),
    scale: number("scale", values.scale),
    status: values.status,
    json: values.json,
  };
}

function number(name: string, value: string, least = 1): number {
  const found = Number(value);
  if (!Number.isInteger(found) || found < least) throw new Error(`--${name} takes whole numbers from ${least} on.`);
  return found;
}

function chosen(list: string): Scenario[] {
  const all = Object.keys(scenarios) as Scenario[];
  const wanted = list.split(",").filter((name) => name !== "");
  const unknown = wanted.find((name) => !all.some((scenario) => scenario.startsWith(name)));
  if (unknown) throw new Error(`There is nothing called ${unknown} to measure.`);
  return wanted.length === 0 ? all : all.filter((scenario) => wanted.some((name) => scenario.startsWith(name)));
}
