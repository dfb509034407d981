import { describe, expect, test } from "vitest";
import { topicName } from "./rooms.ts";
import { versions, Wire, withWires } from "./wire.ts";

const frames = [
  "",
  "{",
  "null",
  "[]",
  "[1,2,3]",
  "{}",
  '"text"',
  '[null,null,7,{},"x"]',
  '[null,"1","realtime:x","phx_join",null]',
  '[{},[],"realtime:y","phx_join",[1]]',
  '["1","1","realtime:z","phx_join",{"config":{"broadcast":7,"presence":[],"postgres_changes":"no","private":{}}}]',
  '{"topic":"realtime:x","event":"phx_join","payload":{"config":[]},"ref":null}',
  '{"topic":"realtime:x","event":"nothing","payload":"text","ref":{}}',
  "\u0000".repeat(1000),
  "[".repeat(100_000),
].concat(JSON.stringify(["1", "1", `realtime:${"long".repeat(10_000)}`, "phx_join", {}]));

const binaries = [
  [],
  [3],
  [3, 255, 255, 255, 255, 255, 1],
  [3, 0, 0, 0, 0, 0, 1],
  [0, 1, 1, 1, 1, 49, 49, 120, 120, 1],
  [4, 1, 1, 0, 1, 120, 120, 123, 125],
  Array.from({ length: 500 }, (_, index) => index % 256),
];

/** Whether others are still served. */
async function worksFor(wire: Wire): Promise<void> {
  const topic = topicName();
  const { joinRef } = await wire.join(topic, { broadcast: { self: true } });
  wire.broadcast(topic, "x", { n: 1 }, joinRef);
  expect((await wire.next("broadcast")).payload.payload).toEqual({ n: 1 });
}

describe.each(versions)("nonsense over %s", (version) => {
  test("is ignored, and the connection stays open", () =>
    withWires(2, version, async (wire, other) => {
      for (const frame of frames) wire.web.send(frame);
      for (const bytes of binaries) wire.web.send(Buffer.from(bytes));
      await worksFor(other);
      await worksFor(wire);
      expect(wire.closed).toBeUndefined();
    }));

  test("in a channel is ignored, or closes that channel", () =>
    withWires(1, version, async (wire) => {
      const topic = `realtime:${topicName()}`;
      const { joinRef } = await wire.join(topic.slice("realtime:".length), { broadcast: { ack: true } });
      for (const event of ["presence", "access_token", "nothing", "system", "postgres_changes"]) {
        for (const payload of [null, 1, "text", [], {}, { event: 7 }, { access_token: { a: 1 } }]) {
          wire.push(topic, event, payload, joinRef);
        }
      }
      wire.push(topic, "broadcast", [1], joinRef);
      await wire.next((message) => message.event === "phx_error" && message.topic === topic);
      await worksFor(wire);
    }));

  test("beyond the limit of frames kept during a join ends the join", () =>
    withWires(1, version, async (wire) => {
      const topic = `realtime:${topicName()}`;
      // Its refusal takes five seconds.
      wire.push(topic, "phx_join", { config: { private: true } }, "1");
      for (let n = 0; n < 5; n++) wire.push(topic, "broadcast", { text: "x".repeat(4_000_000) }, "1");
      const ref = wire.push(topic, "broadcast", {}, "1");
      const { payload } = await wire.next((message) => message.ref === ref, 3_000);
      expect(payload.response).toEqual({ reason: "unmatched topic" });
    }));

  test("of more than 5 MB closes the connection", () =>
    withWires(2, version, async (wire, other) => {
      wire.web.send(`["1","1","realtime:x","phx_join",{"x":"${"x".repeat(5_000_001)}"}]`);
      await expect.poll(() => wire.closed).toBe(1009);
      await worksFor(other);
    }));
});

test("an invalid JSON body reaches no client that reads text", async () => {
  const [old, sender] = await Promise.all([Wire.open("1.0.0"), Wire.open("2.0.0")]);
  const topic = topicName();
  await old.join(topic);
  const { joinRef } = await sender.join(topic);
  const fields = [joinRef, "9", `realtime:${topic}`, "x", ""].map((field) => Buffer.from(field));
  const sizes = fields.map((field) => field.length);
  sender.web.send(Buffer.concat([Buffer.from([3, ...sizes, 1]), ...fields, Buffer.from("{not json")]));
  expect(await old.settled()).toEqual([]);
  await Promise.all([old, sender].map((wire) => wire.close()));
});
