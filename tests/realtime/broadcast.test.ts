import { describe, expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { newRoom, topicName } from "./rooms.ts";
import { status, versions, Wire, withWires } from "./wire.ts";

const broadcasts = ({ received }: Wire) => received.filter(({ event }) => event === "broadcast");

describe.each(versions)("broadcast over %s", (version) => {
  test("reaches the others, and its sender only on request", () =>
    withWires(3, version, async (sender, echo, listener) => {
      const topic = topicName();
      const { joinRef } = await sender.join(topic);
      const own = await echo.join(topic, { broadcast: { self: "true" } });
      await listener.join(topic);
      sender.broadcast(topic, "first", { text: "é" }, joinRef);
      const payload = { type: "broadcast", event: "first", payload: { text: "é" } };
      for (const wire of [echo, listener]) {
        const message = await wire.next("broadcast");
        expect(message).toMatchObject({ topic: `realtime:${topic}`, payload });
        expect(message.payload).toEqual(payload);
      }
      echo.broadcast(topic, "second", {}, own.joinRef);
      for (const wire of [sender, echo, listener]) {
        expect((await wire.next("broadcast")).payload.event).toBe("second");
      }
      expect(broadcasts(sender)).toEqual([]);
    }));

  test("is acknowledged only on request", () =>
    withWires(1, version, async (wire) => {
      const [silent, loud] = [topicName(), topicName()];
      const first = await wire.join(silent);
      const second = await wire.join(loud, { broadcast: { ack: true } });
      wire.broadcast(silent, "x", {}, first.joinRef);
      const ref = wire.broadcast(loud, "x", {}, second.joinRef);
      expect((await wire.reply(ref)).payload).toEqual({ status: "ok", response: {} });
      expect(await wire.settled()).toEqual([]);
    }));

  test("that is too large is refused", () =>
    withWires(2, version, async (wire, listener) => {
      const topic = topicName();
      const { joinRef } = await wire.join(topic, { broadcast: { ack: true } });
      await listener.join(topic);
      const ref = wire.broadcast(topic, "x", { text: "x".repeat(3_100_000) }, joinRef);
      expect((await wire.reply(ref)).payload).toEqual({ status: "error", response: "payload_size_exceeded" });
      expect(await listener.settled()).toEqual([]);
    }));

  test("on a topic that members only receive is dropped silently", () =>
    withWires(2, version, async (sender, listener) => {
      const ann = await newUser("ann");
      const { topic } = await newRoom(ann);
      const { data } = await ann.supabase.from("conversations").insert({ title: "Talk" }).select("id").single();
      for (const name of [topic, `user:${ann.id}`, `conversation:${data!.id}`]) {
        const config = { private: true, broadcast: { ack: true } };
        const { joinRef, payload } = await sender.join(name, config, { access_token: ann.token });
        expect(payload.status).toBe("ok");
        await listener.join(name, config, { access_token: ann.token });
        sender.broadcast(name, "message.created", { forged: true }, joinRef);
        for (const wire of [sender, listener]) {
          // The event of her joining may arrive late.
          const heard = (await wire.settled()).filter(({ payload }) => payload.event !== "member.joined");
          expect(heard).toEqual([]);
        }
      }
    }));

  test("in a live topic reaches the other members", () =>
    withWires(2, version, async (sender, listener) => {
      const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
      const topic = `${(await newRoom(ann, bob)).topic}:live`;
      const { joinRef } = await sender.join(topic, { private: true }, { access_token: ann.token });
      await listener.join(topic, { private: true }, { access_token: bob.token });
      sender.broadcast(topic, "typing", { user_id: ann.id }, joinRef);
      sender.broadcast(topic, "typing", { user_id: ann.id }, joinRef);
      for (let time = 0; time < 2; time++) {
        expect((await listener.next("broadcast")).payload.payload).toEqual({ user_id: ann.id });
      }
    }));

  test("arrives however many are sent at once, before the sender's rights are known", () =>
    withWires(2, version, async (sender, listener) => {
      const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
      const topic = `${(await newRoom(ann, bob)).topic}:live`;
      await listener.join(topic, { private: true }, { access_token: bob.token });
      const { joinRef } = await sender.join(topic, { private: true }, { access_token: ann.token });
      const sql = database();
      await sql.begin(async (sql) => {
        // No rights can be read until this transaction ends.
        await sql`lock table realtime.messages in access exclusive mode`;
        for (let n = 0; n < 1500; n++) sender.broadcast(topic, "typing", { n }, joinRef);
        await sender.reply(sender.push("phoenix", "heartbeat", {}));
      });
      await sql.end();
      await expect.poll(() => listener.received.length).toBe(1500);
      expect(listener.received.map(({ payload }) => payload.payload.n)).toEqual([...Array(1500).keys()]);
    }));

  test("stays among public channels, or among private ones", () =>
    withWires(2, version, async (open, closed) => {
      const ann = await newUser("ann");
      const topic = `${(await newRoom(ann)).topic}:live`;
      const one = await open.join(topic);
      const other = await closed.join(topic, { private: true }, { access_token: ann.token });
      open.broadcast(topic, "x", {}, one.joinRef);
      closed.broadcast(topic, "x", {}, other.joinRef);
      expect(await open.settled()).toEqual([]);
      expect(await closed.settled()).toEqual([]);
    }));

  test("of an earlier join is ignored", () =>
    withWires(2, version, async (sender, listener) => {
      const topic = topicName();
      await sender.join(topic);
      await listener.join(topic);
      sender.broadcast(topic, "x", {}, "999");
      expect(await listener.settled()).toEqual([]);
    }));
});

describe("across versions", () => {
  test("text and bytes are translated; binary payloads reach version 2 only", async () => {
    const topic = topicName();
    const [old, young, sender] = await Promise.all([Wire.open("1.0.0"), Wire.open("2.0.0"), Wire.open("2.0.0")]);
    await old.join(topic);
    await young.join(topic);
    const { joinRef } = await sender.join(topic);
    sender.broadcast(topic, "bytes", new Uint8Array([0, 255, 7]), joinRef);
    sender.broadcast(topic, "json", { a: [1, null] }, joinRef);
    expect((await young.next("broadcast")).payload.payload).toEqual(Buffer.from([0, 255, 7]));
    for (const wire of [old, young]) {
      expect((await wire.next("broadcast")).payload).toEqual({
        type: "broadcast",
        event: "json",
        payload: { a: [1, null] },
      });
    }
    await Promise.all([old, young, sender].map((wire) => wire.close()));
  });
});

const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${status.api_url}/realtime/v1/api/broadcast${path}`, {
    method: "POST",
    body,
    headers: { apikey: status.publishable_key, "content-type": "application/json", ...headers },
  });

describe("broadcast over HTTP", () => {
  test("a batch reaches public channels, and private ones where a policy allows", () =>
    withWires(2, "2.0.0", async (open, closed) => {
      const [ann, eve] = await Promise.all([newUser("ann"), newUser("eve")]);
      const topic = `${(await newRoom(ann)).topic}:live`;
      await open.join(topic);
      await closed.join(topic, { private: true }, { access_token: ann.token });
      const messages = JSON.stringify({
        messages: [false, true].map((isPrivate) => {
          return { topic, event: "typing", payload: { isPrivate }, private: isPrivate };
        }),
      });
      for (const { token, heard } of [{ token: eve.token, heard: 0 }, { token: ann.token, heard: 1 }]) {
        expect((await post("", messages, { authorization: `Bearer ${token}` })).status).toBe(202);
        expect((await open.next("broadcast")).payload.payload).toEqual({ isPrivate: false });
        expect((await closed.settled()).length).toBe(heard);
      }
    }));

  test("a single message is refused where no policy allows it", () =>
    withWires(1, "2.0.0", async (wire) => {
      const [ann, eve] = await Promise.all([newUser("ann"), newUser("eve")]);
      const topic = `${(await newRoom(ann)).topic}:live`;
      await wire.join(topic, { private: true }, { access_token: ann.token });
      const path = `/${encodeURIComponent(topic)}/events/typing?private=true`;
      const denied = await post(path, "{}", { authorization: `Bearer ${eve.token}` });
      expect([denied.status, await denied.json()]).toEqual([403, { message: "Unauthorized" }]);
      expect((await post(path, "{}", { authorization: `Bearer ${ann.token}` })).status).toBe(202);
      expect((await wire.next("broadcast")).payload).toEqual({ type: "broadcast", event: "typing", payload: {} });
      const bytes = { "content-type": "application/octet-stream", authorization: `Bearer ${status.secret_key}` };
      expect((await post(path, new Uint8Array([1, 2]), bytes)).status).toBe(202);
      expect((await wire.next("broadcast")).payload.payload).toEqual(Buffer.from([1, 2]));
    }));

  test("a bad request gets an error", async () => {
    const refusal = async (path: string, body: string, headers?: Record<string, string>) => {
      const response = await post(path, body, headers);
      return [response.status, await response.json()];
    };
    const blank = { topic: ["can't be blank"], event: ["can't be blank"], payload: ["can't be blank"] };
    expect(await refusal("", '{"messages":[{}]}')).toEqual([422, { errors: { messages: [blank] } }]);
    const numbered = { topic: "t", event: "e", payload: {}, id: 5 };
    expect(await refusal("", JSON.stringify({ messages: [numbered] }))).toEqual([
      422,
      { errors: { messages: [{ id: ["is invalid"] }] } },
    ]);
    expect(await refusal("", '{"messages":[]}')).toEqual([422, { errors: { messages: ["can't be blank"] } }]);
    expect(await refusal("", "{}")).toEqual([422, { errors: { messages: ["can't be blank"] } }]);
    expect(await refusal("", "{}", { apikey: "nonsense" })).toEqual([401, { message: "Unauthorized" }]);
    expect((await refusal("/t/events/e", "x", { "content-type": "text/plain" }))[0]).toBe(415);
    expect((await refusal("/t", "{}"))[0]).toBe(404);
  });
});
