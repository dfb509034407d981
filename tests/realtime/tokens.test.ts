import { describe, expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { newRoom, token, topicName } from "./rooms.ts";
import { status, versions, type Wire, withWires } from "./wire.ts";

const renew = (wire: Wire, topic: string, joinRef: string, access_token: unknown) =>
  wire.push(`realtime:${topic}`, "access_token", { access_token }, joinRef);
const lastWords = async (wire: Wire) => {
  const { payload } = await wire.next("system");
  await wire.next("phx_close");
  return payload.message;
};

describe.each(versions)("tokens over %s", (version) => {
  test("a channel is closed when its token expires, unless it was renewed", () =>
    withWires(2, version, async (expiring, renewing) => {
      const ann = await newUser("ann");
      const topic = `user:${ann.id}`;
      const [brief, long] = await Promise.all([token({ sub: ann.id }, 5), token({ sub: ann.id }, 3600)]);
      await expiring.join(topic, { private: true }, { access_token: brief });
      const { joinRef } = await renewing.join(topic, { private: true }, { access_token: brief });
      renew(renewing, topic, joinRef, long);
      expect(await lastWords(expiring)).toMatch(/^Token has expired \d seconds ago$/);
      expect(await renewing.settled()).toEqual([]);
    }));

  test("public channels expire as well", () =>
    withWires(1, version, async (wire) => {
      await wire.join(topicName(), {}, { access_token: await token({}, 4) });
      expect(await lastWords(wire)).toMatch(/^Token has expired/);
    }));

  test("a new token is checked against the policies", () =>
    withWires(1, version, async (wire) => {
      const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
      const { id, topic } = await newRoom(ann, bob);
      const { joinRef } = await wire.join(topic, { private: true }, { access_token: bob.token });
      await ann.supabase.rpc("remove_member", { room_id: id, user_id: bob.id });
      await wire.settled();
      renew(wire, topic, joinRef, await token({ sub: bob.id }));
      expect(await lastWords(wire)).toBe(`You do not have permissions to read from this Channel topic: ${topic}`);
    }));

  test("a member who may no longer read a live topic is notified", () =>
    withWires(1, version, async (wire) => {
      const ann = await newUser("ann");
      const topic = `user:${ann.id}`;
      const config = { private: true, presence: { enabled: true } };
      const { joinRef } = await wire.join(topic, config, { access_token: ann.token });
      renew(wire, topic, joinRef, await token({ sub: crypto.randomUUID() }));
      expect(await lastWords(wire)).toContain("permission");
    }));

  test("a token that is not the project's closes the channel", () =>
    withWires(1, version, async (wire) => {
      const lastWordsAfter = async (access_token: string) => {
        const topic = topicName();
        const { joinRef } = await wire.join(topic);
        renew(wire, topic, joinRef, access_token);
        return await lastWords(wire);
      };
      expect(await lastWordsAfter("nonsense")).toBe("The token provided is not a valid JWT");
      expect(await lastWordsAfter(await token({}, -5))).toMatch(/^Token has expired \d seconds ago$/);
      expect(await lastWordsAfter(await token({ role: undefined }))).toBe(
        "Fields `role` and `exp` are required in JWT",
      );
      expect(await lastWordsAfter(await token({}, 60, "a secret of somebody else's"))).toBe(":signature_error");
    }));

  test("API keys and values that are not text change nothing", () =>
    withWires(1, version, async (wire) => {
      const topic = topicName();
      const { joinRef } = await wire.join(topic);
      for (const value of [null, 7, status.publishable_key, {}]) renew(wire, topic, joinRef, value);
      expect(await wire.settled()).toEqual([]);
    }));
});
