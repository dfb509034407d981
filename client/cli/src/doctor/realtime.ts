import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { failed, type Finding, ok, warning } from "./finding.ts";
import { field, type ProjectApi } from "./project_api.ts";

const TIMEOUT_MS = 15_000;

/** Whether Realtime answers, and accepts private channels only. */
export async function checkRealtime(api: ProjectApi): Promise<Finding[]> {
  const url = new URL(`realtime/v1/websocket?vsn=1.0.0&apikey=${encodeURIComponent(api.key)}`, api.url);
  url.protocol = url.protocol.replace("http", "ws");
  const answer = await joinPublicly(url);
  if (answer === undefined) {
    return [
      failed(
        "realtime",
        "Realtime does not answer.",
        "Check that it is on in the project, and that proxies pass sockets.",
      ),
    ];
  }
  const reason = String(field(answer, "response", "reason") ?? "");
  if (field(answer, "status") === "ok") {
    return [warning(
      "realtime",
      "Realtime accepts public channels: anybody can flood them, which costs everyone their events.",
      'Switch "Allow public access" off, in the settings of Realtime, if your app uses private channels only.',
    )];
  }
  if (reason.startsWith("PrivateOnly")) return [ok("realtime", "Realtime accepts private channels only.")];
  return [failed("realtime", `Realtime refuses a channel: ${reason}`, "Look into its logs in the dashboard.")];
}

/** Joins a public channel that nobody uses. @returns the answer, or undefined where there is none. */
async function joinPublicly(url: URL): Promise<unknown> {
  const socket = new WebSocket(url);
  const config = { broadcast: {}, presence: { enabled: false }, postgres_changes: [], private: false };
  const join = {
    topic: `realtime:parley-doctor-${randomUUID()}`,
    event: "phx_join",
    payload: { config },
    ref: "1",
    join_ref: "1",
  };
  const timeout = new AbortController();
  const answer = new Promise<unknown>((resolve) => {
    socket.on("open", () => socket.send(JSON.stringify(join)));
    socket.on("message", (data) => {
      const frame: unknown = JSON.parse(String(data));
      if (field(frame, "event") === "phx_reply") resolve(field(frame, "payload"));
    });
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => resolve(undefined));
  });
  const late = sleep(TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined);
  return await Promise.race([answer, late]).finally(() => {
    timeout.abort();
    socket.terminate();
  });
}
