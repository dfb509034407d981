import { once } from "node:events";
import { get } from "node:http";
import { expect, test } from "vitest";
import WebSocket from "ws";
import { token } from "./rooms.ts";
import { status, Wire } from "./wire.ts";

/** The response to a handshake that is refused. */
function refusal(query: string): Promise<{ status: number; body: unknown }> {
  const web = new WebSocket(`${status.api_url.replace("http", "ws")}/realtime/v1/websocket?${query}`);
  return new Promise((resolve, reject) => {
    web.on("open", () => reject(new Error("It was let in.")));
    web.on("error", () => {});
    web.on("unexpected-response", (_, response) => {
      let text = "";
      response.on("data", (chunk) => text += chunk);
      response.on("end", () => resolve({ status: response.statusCode!, body: text && JSON.parse(text) }));
    });
  });
}

test("every API key of the project opens a connection", async () => {
  const keys = [status.publishable_key, status.secret_key, status.anon_key, status.service_role_key];
  for (const key of [...keys, await token({})]) {
    const wire = await Wire.open("2.0.0", { key });
    await wire.reply(wire.push("phoenix", "heartbeat", {}));
    await wire.close();
  }
});

test("the response to a bad key gives the reason", async () => {
  const answerTo = (apikey: string) => refusal(`vsn=2.0.0&apikey=${apikey}`);
  const refused = (error: string) => ({ status: 401, body: { error } });
  expect(await refusal("vsn=2.0.0")).toEqual(refused("API key is missing"));
  expect(await answerTo("sb_publishable_of_another_project")).toEqual(refused("The token provided is not a valid JWT"));
  expect(await answerTo(await token({}, -5))).toEqual(refused("Token has expired"));
  expect(await answerTo(await token({ role: undefined }))).toEqual(
    refused("Fields `role` and `exp` are required in JWT"),
  );
  expect(await answerTo(await token({}, 60, "a secret of somebody else's"))).toEqual(
    refused("Failed to validate JWT signature"),
  );
});

test("a handshake without Sec-WebSocket-Key → 400", async () => {
  const url = `${status.api_url}/realtime/v1/websocket?vsn=2.0.0&apikey=${status.publishable_key}`;
  const [response] = await once(get(url, { headers: { Connection: "Upgrade", Upgrade: "websocket" } }), "response");
  expect(response.statusCode).toBe(400);
});

test("an unknown version is refused", async () => {
  expect((await refusal(`vsn=3.0.0&apikey=${status.publishable_key}`)).status).toBe(403);
});

test("the default version is 1.0.0", async () => {
  const web = new WebSocket(`${status.api_url.replace("http", "ws")}/realtime/v1/websocket?apikey=${status.anon_key}`);
  await new Promise((resolve) => web.once("open", resolve));
  const answer = new Promise((resolve) => web.once("message", (data) => resolve(JSON.parse(String(data)))));
  web.send(JSON.stringify({ topic: "phoenix", event: "heartbeat", payload: {}, ref: "1" }));
  expect(await answer).toEqual({
    topic: "phoenix",
    event: "phx_reply",
    payload: { status: "ok", response: {} },
    ref: "1",
    join_ref: null,
  });
  web.close();
});
