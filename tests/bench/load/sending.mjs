import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "./sockets.mjs";
import { now, stamped } from "./stamp.mjs";

/**
 * The ways to send; each returns a function that sends one message, and resolves when the next may follow.
 * @typedef {{ url: string, key: string, token: string, room: number }} Sender
 * @type {Record<string, (sender: Sender, log: object) => Promise<{ send: (text: string) => Promise<void>, close: () => void }>>}
 */
export const ways = { rest, rpc, socket };

/** `POST /api/messages/` of the messenger. */
function rest({ room, ...sender }, log) {
  return http(sender, "/functions/v1/messenger/api/messages/", {}, (text) => ({ chat: room, text }), log);
}

/** `chat.send_message`, as supabase-js calls it. */
function rpc({ room, ...sender }, log) {
  const headers = { apikey: sender.key, "Content-Profile": "chat" };
  return http(sender, "/rest/v1/rpc/send_message", headers, (text) => ({ room_id: room, content: text }), log);
}

function http({ url, token }, path, more, bodyOf, log) {
  const agent = new Agent({ keepAlive: true, noDelay: true });
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...more };
  const send = (text) =>
    new Promise((resolve) => {
      log.sent++;
      const begun = now();
      const body = JSON.stringify(bodyOf(stamped(text)));
      const options = { method: "POST", agent, headers: { ...headers, "Content-Length": Buffer.byteLength(body) } };
      request(new URL(path, url), options, (response) => {
        response.resume().once("end", () => {
          log.answers.push(now() - begun);
          if (response.statusCode >= 300) log.refuse(response.statusCode);
          resolve();
        });
      }).once("error", (error) => {
        log.refuse(error.code);
        resolve();
      }).end(body);
    });
  return Promise.resolve({ send, close: () => agent.destroy() });
}

/** Frames over a socket of the messenger, which have no reply: a refusal comes back as an error. */
async function socket(sender, log) {
  const { web, close } = await kinds.messenger(sender, { hear() {}, lose: (code) => log.refuse(`closed ${code}`) });
  web.on("message", (data) => {
    if (data.includes('"type":"error"')) log.refuse(JSON.parse(data).code);
  });
  const send = async (text) => {
    if (web.readyState !== web.OPEN) return await sleep(10);
    log.sent++;
    web.send(JSON.stringify({ type: "message", text: stamped(text) }));
    // Do not queue here what the kernel refuses while the server is not reading.
    while (web.bufferedAmount > 0 && web.readyState === web.OPEN) await sleep(1);
  };
  return { send, close };
}
