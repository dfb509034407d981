import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { type Message, versions, type Wire, withWires } from "./wire.ts";

const name = `notes_${crypto.randomUUID().slice(0, 8)}`;
let sql: Sql;

beforeAll(async () => {
  sql = database();
  await sql.unsafe(`
    create table public.${name} (id bigint primary key, owner uuid, words text, at timestamptz, secret text);
    alter table public.${name} enable row level security;
    grant select (id, owner, words, at) on public.${name} to authenticated;
    create policy "people read their own" on public.${name} for select to authenticated using (owner = auth.uid());
    alter publication supabase_realtime add table public.${name}`);
});

afterAll(async () => {
  await sql.unsafe(`drop table public.${name}`);
  await sql.end();
});

const subscribed = async (wire: Wire, changes: object[], access_token?: string) => {
  const { payload } = await wire.join("changes", { postgres_changes: changes }, { access_token });
  const { payload: system } = await wire.next("system", 10_000);
  return { ids: payload.response.postgres_changes.map(({ id }: { id: number }) => id), system };
};
const all = { event: "*", schema: "public", table: name };

describe.each(versions)("changes of tables over %s", (version) => {
  test("reach users who may read the row, without the columns that they may not read", () =>
    withWires(2, version, async (mine, theirs) => {
      const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
      const id = Date.now();
      const { ids, system } = await subscribed(mine, [all], ann.token);
      expect(system).toMatchObject({
        extension: "postgres_changes",
        status: "ok",
        message: "Subscribed to PostgreSQL",
      });
      await subscribed(theirs, [{ ...all, event: "INSERT" }], bob.token);
      await sql`insert into ${sql(name)} values (${id}, ${ann.id}, 'é "x"', '2026-01-02 03:04:05Z', 'hidden')`;
      const { payload } = await mine.next("postgres_changes");
      expect(payload).toEqual({
        ids,
        data: {
          schema: "public",
          table: name,
          type: "INSERT",
          commit_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          columns: [
            { name: "id", type: "int8" },
            { name: "owner", type: "uuid" },
            { name: "words", type: "text" },
            { name: "at", type: "timestamptz" },
          ],
          record: { id, owner: ann.id, words: 'é "x"', at: "2026-01-02T03:04:05+00:00" },
          errors: null,
        },
      });
      await sql`update ${sql(name)} set words = null where id = ${id}`;
      const { data: updated } = (await mine.next("postgres_changes")).payload;
      expect(updated).toMatchObject({ type: "UPDATE", record: { words: null }, old_record: { id } });
      await sql`delete from ${sql(name)} where id = ${id}`;
      const { data: deleted } = (await mine.next("postgres_changes")).payload;
      expect([deleted.type, deleted.old_record, deleted.record]).toEqual(["DELETE", { id }, undefined]);
      expect(await theirs.settled()).toEqual([]);
    }));

  test("arrive where the filters match", () =>
    withWires(1, version, async (wire) => {
      const ann = await newUser("ann");
      const filters = [
        "words=eq.yes",
        "words=not.in.(no,yes)",
        "id=gt.0,words=like.y%",
        "words=is.null",
        'words=eq."a,b"',
      ];
      const { ids } = await subscribed(wire, filters.map((filter) => ({ ...all, filter })), ann.token);
      const heard = async (words: string | null) => {
        await sql`insert into ${sql(name)} values (${Date.now()}, ${ann.id}, ${words})`;
        const { payload } = await wire.next("postgres_changes");
        return ids.map((id: number) => payload.ids.includes(id));
      };
      expect(await heard("yes")).toEqual([true, false, true, false, false]);
      expect(await heard("yet")).toEqual([false, true, true, false, false]);
      expect(await heard(null)).toEqual([false, false, false, true, false]);
      expect(await heard("a,b")).toEqual([false, true, false, false, true]);
    }));

  test("are selected by column", () =>
    withWires(1, version, async (wire) => {
      const ann = await newUser("ann");
      await subscribed(wire, [{ ...all, select: ["words"] }], ann.token);
      const id = Date.now();
      await sql`insert into ${sql(name)} values (${id}, ${ann.id}, 'w')`;
      expect((await wire.next("postgres_changes")).payload.data.record).toEqual({ id, words: "w" });
    }));

  test("are refused with a reason when they cannot be sent", () =>
    withWires(1, version, async (wire) => {
      const ann = await newUser("ann");
      const messageFor = async (change: object) => (await subscribed(wire, [change], ann.token)).system.message;
      expect(await messageFor({ ...all, table: "nowhere" })).toBe(
        "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given " +
          "connect parameters: [event: *, schema: public, table: nowhere, filters: [], select: nil]",
      );
      expect(await messageFor({ ...all, filter: "words" })).toBe('Error parsing `filter` params: ["words"]');
      expect(await messageFor({ ...all, filter: "secret=eq.x" })).toContain("invalid column for filter secret");
      expect(await messageFor({ ...all, filter: "id=eq.many" })).toContain("invalid input syntax for type bigint");
      expect(await messageFor({ event: "*" })).toContain("No subscription params provided");
    }));

  test("are an error for a role that may not read the key", () =>
    withWires(1, version, async (wire) => {
      await subscribed(wire, [all]);
      await sql`insert into ${sql(name)} values (${Date.now()}, null)`;
      expect((await wire.next("postgres_changes")).payload.data.errors).toEqual(["Error 401: Unauthorized"]);
    }));
});

test("a filter that fails on a row does not keep the change from others", () =>
  withWires(3, "2.0.0", async (broken, filtered, plain) => {
    const ann = await newUser("ann");
    await subscribed(broken, [{ ...all, filter: "words=like.w\\" }], ann.token);
    await subscribed(filtered, [{ ...all, filter: "words=like.w%" }], ann.token);
    await subscribed(plain, [all], ann.token);
    const id = Date.now();
    await sql`insert into ${sql(name)} values (${id}, ${ann.id}, 'words')`;
    for (const wire of [filtered, plain]) {
      expect((await wire.next("postgres_changes")).payload.data.record.id).toBe(id);
    }
    expect(broken.received.filter(({ event }) => event === "postgres_changes")).toEqual([]);
  }));

test("a repeated subscription delivers each change once", () =>
  withWires(1, "2.0.0", async (wire) => {
    const ann = await newUser("ann");
    const { ids } = await subscribed(wire, [all, all], ann.token);
    const id = Date.now();
    await sql`insert into ${sql(name)} values (${id}, ${ann.id})`;
    expect((await wire.next("postgres_changes")).payload.ids).toEqual([ids[0]]);
    expect(ids[1]).toBe(ids[0]);
  }));

test("a client that subscribes to very many changes does not delay others' joins", () =>
  withWires(2, "2.0.0", async (greedy, modest) => {
    const ann = await newUser("ann");
    const changes = Array.from({ length: 4000 }, (_, n) => ({ ...all, filter: `id=eq.${n}` }));
    await greedy.join("changes", { postgres_changes: changes }, { access_token: ann.token });
    for (let count = 0; count < 10; count++) {
      const { payload } = await modest.join(`user:${ann.id}`, { private: true }, { access_token: ann.token });
      expect(payload.status).toBe("ok");
    }
    expect(greedy.received.filter(({ event }) => event === "system")).toEqual([]);
  }));

test("a recreated or newly published table reaches the subscribers to its name, and to all tables", () =>
  withWires(2, "2.0.0", async (one, every) => {
    const again = `${name}_again`;
    const make = () =>
      sql.unsafe(`
        drop table if exists public.${again};
        create table public.${again} (id int primary key);
        grant select on public.${again} to anon;
        alter publication supabase_realtime add table public.${again}`);
    await make();
    await subscribed(one, [{ ...all, table: again }]);
    await subscribed(every, [{ event: "*", schema: "public" }]);
    await make();
    await sql`insert into ${sql(again)} values (1)`;
    for (const wire of [one, every]) {
      const isOfTable = ({ event, payload }: Message) => event === "postgres_changes" && payload.data.table === again;
      expect((await wire.next(isOfTable)).payload.data.record).toEqual({ id: 1 });
    }
    await sql.unsafe(`drop table public.${again}`);
  }));
