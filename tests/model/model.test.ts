import process from "node:process";
import fc from "fast-check";
import { afterAll, beforeAll, inject, test } from "vitest";
import { database } from "../support/clients.ts";
import { type Names, restEntryPoint, sqlEntryPoint } from "./entry_points.ts";
import { Model } from "./model.ts";
import { fivePeople, forget, notebook } from "./people.ts";
import { type Real, steps } from "./steps.ts";

const { functions_url } = inject("status");
const { MODEL_RUNS = "20", MODEL_SEED = "7", MODEL_STEPS = "100" } = process.env;
const numRuns = Number(MODEL_RUNS);

const sql = database();
let people: Names["people"];
beforeAll(async () => void (people = await fivePeople(sql)));
afterAll(() => sql.end());

function fresh(): { model: Model; real: Real } {
  const { names, bind, learn } = notebook(people);
  const direct = sqlEntryPoint(sql, names);
  const entryPoints = { sql: direct, rest: restEntryPoint(functions_url, direct, names) };
  return { model: new Model(), real: { sql, entryPoints, names, bind, learn, log: [] } };
}

test(
  `rooms behave as their model, whatever five users do (seed ${MODEL_SEED})`,
  { timeout: 60_000 + numRuns * 5_000 },
  async () => {
    const property = fc.asyncProperty(steps(Number(MODEL_STEPS)), async (commands) => {
      await forget(sql, people);
      const start = fresh();
      await fc.asyncModelRun(() => start, commands).catch((cause) => {
        throw new Error(`It went another way than in the model:\n  ${start.real.log.join("\n  ")}\n`, { cause });
      });
    });
    await fc.assert(property, { seed: Number(MODEL_SEED), numRuns });
    await forget(sql, people);
  },
);
