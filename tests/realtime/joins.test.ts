import { describe, expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { newRoom, token, topicName } from "./rooms.ts";
import { status, versions, withWires } from "./wire.ts";

const unreadable = (topic: string) =>
  `Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`;

describe.each(versions)("joining over %s", (version) => {
  test("a public channel accepts any client", () =>
    withWires(1, version, async (wire) => {
      const reply = await wire.join(topicName());
      expect(reply.payload).toEqual({ status: "ok", response: { postgres_changes: [] } });
    }));

  test("each entry of postgres_changes is echoed with a number", () =>
    withWires(1, version, async (wire) => {
      const entry = { event: "*", schema: "public", table: "nothing" };
      const { payload } = await wire.join(topicName(), { postgres_changes: [entry, entry] });
      const [first, second] = payload.response.postgres_changes;
      expect(first).toEqual({ ...entry, id: expect.any(Number) });
      expect(second.id).toBe(first.id);
    }));

  test("a private channel accepts the users whom a policy lets read, and no others", () =>
    withWires(2, version, async (mine, theirs) => {
      const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
      const topic = `user:${ann.id}`;
      expect((await mine.join(topic, { private: true }, { access_token: ann.token })).payload.status).toBe("ok");
      const denied = await theirs.join(topic, { private: true }, { access_token: bob.token });
      expect(denied.payload).toEqual({ status: "error", response: { reason: unreadable(topic) } });
      const anonymous = await theirs.join(topic, { private: "true" });
      expect(anonymous.payload.response.reason).toBe(unreadable(topic));
    }));

  test("a stranger cannot join any topic of a room, a member can join all current ones", () =>
    withWires(2, version, async (member, stranger) => {
      const [ann, bob, eve] = await Promise.all(["ann", "bob", "eve"].map((name) => newUser(name)));
      const { topic } = await newRoom(ann!, bob!);
      for (const name of [topic, `${topic}:live`]) {
        const join = await member.join(name, { private: true }, { access_token: bob!.token });
        expect(join.payload.status).toBe("ok");
        const denied = await stranger.join(name, { private: true }, { access_token: eve!.token });
        expect(denied.payload.response.reason).toBe(unreadable(name));
      }
      const outdated = topic.replace(/\d+$/, "99");
      const denied = await member.join(outdated, { private: true }, { access_token: bob!.token });
      expect(denied.payload.response.reason).toBe(unreadable(outdated));
    }));

  test("an API key of the project stands for no user", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      const denied = await wire.join(topic, { private: true }, { access_token: status.publishable_key });
      expect(denied.payload.response.reason).toBe(unreadable(topic));
    }));

  test("a name is required", () =>
    withWires(1, version, async (wire) => {
      const { payload } = await wire.join("");
      expect(payload.response.reason).toBe("TopicNameRequired: You must provide a topic name");
    }));

  test("a bad token is refused with the reason", () =>
    withWires(1, version, async (wire) => {
      const reasonFor = async (access_token: string) => {
        return (await wire.join(topicName(), {}, { access_token })).payload.response.reason;
      };
      expect(await reasonFor("nonsense")).toBe("MalformedJWT: The token provided is not a valid JWT");
      expect(await reasonFor(await token({}, 60, "another secret that is long enough")))
        .toBe("JwtSignatureError: Failed to validate JWT signature");
      expect(await reasonFor(await token({}, -10)))
        .toMatch(/^InvalidJWTToken: Token has expired 1\d seconds ago$/);
      expect(await reasonFor(await token({ role: undefined })))
        .toBe("InvalidJWTToken: Fields `role` and `exp` are required in JWT");
      const [, claims] = (await token({})).split(".");
      const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
      expect(await reasonFor(unsigned)).toMatch(/^JwtSignerError: Failed to generate JWT signer/);
    }));

  test("a role that does not exist may read nothing", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      const access_token = await token({ role: "nobody_of_that_name" });
      const { payload } = await wire.join(topic, { private: true }, { access_token });
      expect(payload.response.reason).toBe(unreadable(topic));
    }));

  test("joining a topic again closes the channel before", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      const before = await wire.join(topic);
      await wire.join(topic);
      expect(await wire.next("phx_close")).toMatchObject({
        topic: `realtime:${topic}`,
        ref: before.joinRef,
        joinRef: before.joinRef,
      });
    }));

  test("leaving is answered and closes the channel", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      const { joinRef } = await wire.join(topic);
      const ref = wire.push(`realtime:${topic}`, "phx_leave", {}, joinRef);
      expect((await wire.reply(ref)).payload).toEqual({ status: "ok", response: {} });
      await wire.next("phx_close");
    }));

  test("messages to a topic that is not joined get a reply", () =>
    withWires(1, version, async (wire) => {
      const unmatched = { status: "error", response: { reason: "unmatched topic" } };
      expect((await wire.reply(wire.push("realtime:other", "broadcast", {}))).payload).toEqual(unmatched);
      expect((await wire.reply(wire.push("elsewhere", "phx_join", {}))).payload).toEqual(unmatched);
      expect((await wire.reply(wire.push("realtime:other", "phx_leave", {}))).payload.status).toBe("ok");
    }));

  test("a heartbeat gets a reply", () =>
    withWires(1, version, async (wire) => {
      const reply = await wire.reply(wire.push("phoenix", "heartbeat", {}));
      expect(reply).toMatchObject({ topic: "phoenix", payload: { status: "ok", response: {} } });
    }));

  test("replication_ready gets a reply once Realtime follows the database", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      await wire.join(topic, { broadcast: { replication_ready: true } });
      expect((await wire.next("system")).payload).toEqual({
        extension: "system",
        status: "ok",
        message: "Replication connection established",
        channel: topic,
      });
    }));
});
