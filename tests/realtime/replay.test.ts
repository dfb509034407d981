import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { versions, withWires } from "./wire.ts";

let sql: Sql;
beforeAll(() => void (sql = database()));
afterAll(() => sql.end());

describe.each(versions)("replay over %s", (version) => {
  test("brings the newest missed events, oldest first, each once", () =>
    withWires(1, version, async (wire) => {
      const ann = await newUser("ann");
      const topic = `user:${ann.id}`;
      const since = Date.now() - 1000;
      for (let n = 1; n <= 4; n++) await sql`select realtime.send(${sql.json({ n })}, 'n', ${topic})`;
      await sql`select realtime.send('{"n": 0}', 'public', ${topic}, false)`;
      const config = { private: true, broadcast: { replay: { since, limit: 3 } } };
      await wire.join(topic, config, { access_token: ann.token });
      for (let n = 2; n <= 4; n++) {
        const { payload } = await wire.next("broadcast");
        expect(payload).toMatchObject({ event: "n", payload: { n }, meta: { replayed: true } });
      }
      expect(await wire.settled()).toEqual([]);
      await sql`select realtime.send('{"n": 5}', 'n', ${topic})`;
      expect((await wire.next("broadcast")).payload.meta.replayed).toBeUndefined();
    }));

  test("is for private channels, with a time", () =>
    withWires(1, version, async (wire) => {
      const ann = await newUser("ann");
      const topic = `user:${ann.id}`;
      const reasonFor = async (isPrivate: boolean, replay: unknown) => {
        const config = { private: isPrivate, broadcast: { replay } };
        return (await wire.join(topic, config, { access_token: ann.token })).payload.response.reason;
      };
      const code = "UnableToReplayMessages: ";
      expect(await reasonFor(false, { since: 0 })).toBe(`${code}Replay is not allowed for public channels`);
      expect(await reasonFor(true, { since: "yesterday" })).toBe(`${code}Replay params are not valid`);
    }));
});
