import WebSocket from "ws";
import { scan, sentAt } from "./stamp.mjs";

const BEAT = 25_000;
const { warn } = console;

/**
 * The kinds of client. Each resolves, once it receives the events of the room, to how it is closed.
 * @typedef {{ url: string, key: string, token: string, room: number, topic: string }} Where
 * @typedef {{ hear: (seq: number, sent: number) => void, lose: (code: string | number) => void }} Listener
 * @type {Record<string, (where: Where, listener: Listener) => Promise<object>>}
 */
export const kinds = { supabase, frames, messenger };

/** A channel of supabase-js as it is. */
async function supabase({ url, key, token, topic }, { hear, lose }) {
  const { createClient } = await library();
  const client = createClient(url, key, {
    accessToken: () => Promise.resolve(token),
    realtime: { transport: WebSocket },
  });
  const channel = client.channel(topic, { config: { private: true } });
  channel.on("broadcast", { event: "message.created" }, ({ payload: { message } }) => {
    const sent = sentAt(message.content);
    if (sent !== undefined) hear(message.seq, sent);
  });
  await client.realtime.setAuth();
  return await new Promise((resolve, reject) => {
    let isOpen = false;
    channel.subscribe((status, error) => {
      if (status === "SUBSCRIBED") {
        isOpen = true;
        return resolve({ close: () => client.realtime.disconnect() });
      }
      if (isOpen) lose(status);
      else reject(error ?? new Error(status));
    });
  });
}

/** It warns about Node 20 on each import. */
async function library() {
  console.warn = (...words) => String(words[0]).includes("Node.js 20") || warn(...words);
  return await import("@supabase/supabase-js");
}

/** The frames that supabase-js sends and receives, without its work on them. */
async function frames({ url, key, token, topic }, listener) {
  const web = await open(`${url}/realtime/v1/websocket?vsn=2.0.0&apikey=${key}`, listener);
  const config = { private: true, broadcast: { ack: false, self: false }, presence: { key: "", enabled: false } };
  const joined = new Promise((resolve, reject) => {
    web.once("message", (data) => data.includes('"status":"ok"') ? resolve() : reject(new Error(data.toString())));
  });
  web.send(JSON.stringify(["1", "1", `realtime:${topic}`, "phx_join", { config, access_token: token }]));
  await joined;
  const timer = setInterval(() => web.send('[null,"2","phoenix","heartbeat",{}]'), BEAT);
  web.once("close", () => clearInterval(timer));
  return control(web);
}

async function messenger({ url, token, room }, listener) {
  return control(await open(`${url}/functions/v1/messenger/ws/chat/${room}/?token=${token}`, listener));
}

async function open(url, { hear, lose }) {
  const web = new WebSocket(url.replace("http", "ws"), { perMessageDeflate: false });
  web.on("message", (data) => {
    const found = scan(data);
    if (found) hear(found.seq, found.sent);
  });
  await new Promise((resolve, reject) => web.once("open", resolve).once("error", reject));
  web.on("error", () => {});
  web.once("close", (code) => web.isDone || lose(code));
  return web;
}

function control(web) {
  return {
    close() {
      web.isDone = true;
      web.terminate();
    },
    pause: () => web.pause(),
    resume: () => web.resume(),
    web,
  };
}
