import { describe, expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { newRoom, topicName } from "./rooms.ts";
import { versions, type Wire, withWires } from "./wire.ts";

const presence = (key: string) => ({ presence: { enabled: true, key } });
const track = (wire: Wire, topic: string, joinRef: string, payload: unknown) =>
  wire.reply(wire.push(`realtime:${topic}`, "presence", { type: "presence", event: "track", payload }, joinRef));
const untrack = (wire: Wire, topic: string, joinRef: string) =>
  wire.reply(wire.push(`realtime:${topic}`, "presence", { type: "presence", event: "UNTRACK" }, joinRef));
const ok = { status: "ok", response: {} };

describe.each(versions)("presence over %s", (version) => {
  test("shows two users on three sockets to each of them", () =>
    withWires(3, version, async (desk, phone, bob) => {
      const topic = topicName();
      const one = await desk.join(topic, presence("ann"));
      expect((await desk.next("presence_state")).payload).toEqual({});
      expect((await track(desk, topic, one.joinRef, { on: "desk" })).payload).toEqual(ok);
      const { joins } = (await desk.next("presence_diff")).payload;
      expect(joins).toEqual({ ann: { metas: [{ on: "desk", phx_ref: expect.any(String) }] } });

      const two = await phone.join(topic, presence("ann"));
      expect((await phone.next("presence_state")).payload).toEqual(joins);
      await track(phone, topic, two.joinRef, { on: "phone" });
      await desk.next("presence_diff");

      await bob.join(topic, presence("bob"));
      const { payload: state } = await bob.next("presence_state");
      expect(state.ann.metas.map(({ on }: { on: string }) => on)).toEqual(["desk", "phone"]);
      expect(state.bob).toBeUndefined();

      await phone.close();
      const { payload: left } = await bob.next("presence_diff");
      expect(left).toEqual({ joins: {}, leaves: { ann: { metas: [{ on: "phone", phx_ref: expect.any(String) }] } } });
      await untrack(desk, topic, one.joinRef);
      expect((await bob.next("presence_diff")).payload.leaves.ann.metas).toEqual(joins.ann.metas);
    }));

  test("an update is a leave and a join, a repeated track changes nothing", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      const { joinRef } = await wire.join(topic, presence("ann"));
      await track(wire, topic, joinRef, { n: 1 });
      const before = (await wire.next("presence_diff")).payload.joins.ann.metas[0];
      expect((await track(wire, topic, joinRef, { n: 1 })).payload).toEqual(ok);
      await track(wire, topic, joinRef, { n: 2 });
      const { joins, leaves } = (await wire.next("presence_diff")).payload;
      expect(leaves).toEqual({ ann: { metas: [before] } });
      expect(joins.ann.metas).toEqual([{ n: 2, phx_ref: expect.any(String), phx_ref_prev: before.phx_ref }]);
    }));

  test("without a key each socket gets its own; a state that is not an object is refused", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      const { joinRef } = await wire.join(topic, { presence: { enabled: true } });
      const reason = "Presence track payload must be a map";
      expect((await track(wire, topic, joinRef, [1])).payload).toEqual({ status: "error", response: { reason } });
      await track(wire, topic, joinRef, {});
      expect(Object.keys((await wire.next("presence_diff")).payload.joins)[0]).toMatch(/^[\da-f-]{36}$/);
    }));

  test("the sixth call within half a minute closes the channel", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      const { joinRef } = await wire.join(topic, presence("ann"));
      for (let n = 1; n <= 5; n++) expect((await track(wire, topic, joinRef, { n })).payload).toEqual(ok);
      wire.push(`realtime:${topic}`, "presence", { type: "presence", event: "track", payload: {} }, joinRef);
      const { payload } = await wire.next("system");
      expect(payload).toMatchObject({ status: "error", message: "Client presence rate limit exceeded" });
      await wire.next("phx_close");
    }));

  test.each([
    ["more than 10,000 bytes", { text: "x".repeat(10_000) }],
    ["more than ten fields", Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`field${n}`, n]))],
  ])(
    "%s close the channel: every new member would receive them",
    (_name, payload) =>
      withWires(1, version, async (wire) => {
        const topic = topicName();
        const { joinRef } = await wire.join(topic, presence("ann"));
        wire.push(`realtime:${topic}`, "presence", { type: "presence", event: "track", payload }, joinRef);
        const system = await wire.next("system");
        expect(system.payload).toMatchObject({ status: "error", message: "Track message size exceeded" });
        await wire.next("phx_close");
      }),
  );

  test("a key of more than 255 characters is refused", () =>
    withWires(1, version, async (wire) => {
      const { payload } = await wire.join(topicName(), presence("x".repeat(256)));
      const reason = "InvalidJoinPayload: The presence key is too long";
      expect(payload).toEqual({ status: "error", response: { reason } });
    }));

  test("one user on twenty sockets is shown once, and the state that a new member receives stays small", () =>
    withWires(26, version, async (visitor, ...wires) => {
      const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
      const topic = `${(await newRoom(ann, bob)).topic}:live`;
      const tracks = await Promise.all(wires.map(async (wire, index) => {
        const config = { private: true, ...presence(`${ann.id}-${index}`) };
        const { joinRef } = await wire.join(topic, config, { access_token: ann.token });
        return (await track(wire, topic, joinRef, { text: "x".repeat(9_000) })).payload.status;
      }));
      expect(tracks.sort()).toEqual([...Array(5).fill("error"), ...Array(20).fill("ok")]);
      await visitor.join(topic, { private: true, ...presence(bob.id) }, { access_token: bob.token });
      const { payload } = await visitor.next("presence_state");
      expect(Object.keys(payload)).toHaveLength(20);
      expect(JSON.stringify(payload).length).toBeLessThan(200_000);
    }));

  test("in a private topic follows its policies", () =>
    withWires(3, version, async (ann, bob, blind) => {
      const [one, two] = await Promise.all([newUser("ann"), newUser("bob")]);
      const room = await newRoom(one, two);
      const topic = `${room.topic}:live`;
      const config = { private: true, ...presence(two.id) };
      const mine = await ann.join(topic, config, { access_token: one.token });
      await bob.join(topic, config, { access_token: two.token });
      await blind.join(topic, { private: true }, { access_token: two.token });
      expect((await track(ann, topic, mine.joinRef, { here: true })).payload).toEqual(ok);
      await bob.next("presence_diff");
      expect(await blind.settled()).toEqual([]);

      const other = await ann.join(room.topic, config, { access_token: one.token });
      const denied = await track(ann, room.topic, other.joinRef, { here: true });
      expect(denied.payload).toEqual({ status: "error", response: {} });
    }));
});
