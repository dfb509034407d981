import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { newRoom, topicName } from "./rooms.ts";
import { versions, withWires } from "./wire.ts";

let sql: Sql;
beforeAll(() => void (sql = database()));
afterAll(() => sql.end());

describe.each(versions)("broadcast from the database over %s", (version) => {
  test("carries the payload, and the row's id as meta", () =>
    withWires(2, version, async (open, closed) => {
      const ann = await newUser("ann");
      const topic = `user:${ann.id}`;
      await open.join(topic);
      await closed.join(topic, { private: true }, { access_token: ann.token });
      await sql`select realtime.send(${sql.json({ text: "wörld", list: [1] })}, 'greeted', ${topic})`;
      const { payload } = await closed.next("broadcast");
      const id = payload.meta.id;
      expect(payload).toEqual({
        type: "broadcast",
        event: "greeted",
        payload: { text: "wörld", list: [1], id },
        meta: { id },
      });
      await sql`select realtime.send('{"id": 7}', 'public', ${topic}, false)`;
      expect((await open.next("broadcast")).payload.payload).toEqual({ id: 7 });
      expect(await closed.settled()).toEqual([]);
    }));

  test("arrives in the order of the commits", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      await wire.join(topic);
      const numbers: number[] = [];
      await sql.begin(async (late) => {
        await late`select realtime.send('{"n": 1000}', 'n', ${topic}, false)`;
        for (let n = 0; n < 200; n++) await sql`select realtime.send(${sql.json({ n })}, 'n', ${topic}, false)`;
      });
      for (let left = 201; left > 0; left--) numbers.push((await wire.next("broadcast")).payload.payload.n);
      expect(numbers).toEqual([...Array(200).keys(), 1000]);
    }));

  test("arrives only once the row can be read", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      await wire.join(topic);
      const found: Promise<number>[] = [];
      wire.web.on("message", () => {
        found.push(sql`select from realtime.messages where topic = ${topic}`.then(({ count }) => count));
      });
      for (let n = 0; n < 100; n++) await sql`select realtime.send('{}', 'n', ${topic}, false)`;
      await expect.poll(() => found.length).toBe(100);
      (await Promise.all(found)).forEach((count, n) => expect(count).toBeGreaterThan(n));
    }));

  test("does not arrive after a rollback", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      await wire.join(topic);
      await sql.begin(async (lost) => {
        await lost`select realtime.send('{}', 'lost', ${topic}, false)`;
        throw new Error("rolled back");
      }).catch(() => {});
      await sql`select realtime.send('{}', 'kept', ${topic}, false)`;
      expect((await wire.next("broadcast")).payload.event).toBe("kept");
      expect(await wire.settled()).toEqual([]);
    }));

  test("of bytes reaches version 2 only", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      await wire.join(topic);
      await sql`select realtime.send_binary('\\x00ff07', 'bytes', ${topic}, false)`;
      await sql`select realtime.send('{}', 'after', ${topic}, false)`;
      const { payload } = await wire.next("broadcast");
      if (version === "1.0.0") expect(payload.event).toBe("after");
      else expect(payload.payload).toEqual(Buffer.from([0, 255, 7]));
    }));
});

test("a message in a room is announced to its members, by any sender and any route", () =>
  withWires(1, "2.0.0", async (wire) => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newRoom(ann, bob);
    await wire.join(room.topic, { private: true }, { access_token: bob.token });
    const { data } = await ann.supabase.rpc("send_message", { room_id: room.id, content: "hello" });
    const { payload } = await wire.next((message) => message.payload.event === "message.created");
    const { id } = data as { id: number };
    expect(payload.payload).toMatchObject({ room_id: room.id, message: { id, content: "hello" } });
  }));

test("a removed member receives nothing more on a channel that stays open", () =>
  withWires(1, "2.0.0", async (wire) => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newRoom(ann, bob);
    await wire.join(room.topic, { private: true }, { access_token: bob.token });
    await ann.supabase.rpc("remove_member", { room_id: room.id, user_id: bob.id });
    await wire.next((message) => message.payload.event === "room.moved");
    wire.received.length = 0;
    await ann.supabase.rpc("send_message", { room_id: room.id, content: "among us" });
    expect(await wire.settled()).toEqual([]);
  }));
