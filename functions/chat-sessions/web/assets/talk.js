import { readEvents } from "./events.js";

const SIGNED_OUT = "You are signed out. Log in in another tab, then send this again.";
const UNREACHABLE = "The server cannot be reached. Try again.";
const BROKEN = "The connection broke. Load the page again to see the reply.";
/** How often a lost stream is opened again, with waits that grow. */
const TRIES = 6;
const stream = { Accept: "text/event-stream" };

/**
 * Makes a request to an address of a form.
 * @param {{ action: string }} form
 * @param {RequestInit} request
 * @returns the answer, when it is one of success.
 * @throws {Error} with a sentence for the person in front of the page.
 */
export async function submit(form, request) {
  const response = await fetch(form.action, { method: "POST", ...request }).catch((cause) => {
    throw new Error(UNREACHABLE, { cause });
  });
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  const sentence = answer.error ?? answer.message ?? `The server answered ${response.status}.`;
  throw new Error(response.status === 401 ? SIGNED_OUT : sentence);
}

/**
 * The listener of a reply. `chat` returns the address of the chat, from which the reply is followed after a lost
 * connection.
 * @typedef {{ chat(chat: object): string, delta(text: string): void, done(chat: object): void }} Listener
 */

/**
 * Sends a form and reports the reply as it arrives.
 * @param {HTMLFormElement} form
 * @param {Listener} listener
 * @throws {Error} with a sentence for the person in front of the page, and the chat as far as there is one.
 */
export async function converse(form, listener) {
  await listen(await submit(form, { body: new FormData(form), headers: stream }), listener);
}

/**
 * Reports a reply that is being written, from its beginning.
 * @param {string} address of its chat.
 * @param {Listener} listener
 */
export async function follow(address, listener) {
  await listen(await fetch(`${address}reply/`, { headers: stream }), listener);
}

/** Ends the reply of the chat at an address. */
export const stop = (address) => submit({ action: `${address}stop/` }, { body: "{}", headers: json });

const json = { "Content-Type": "application/json" };

async function listen(response, listener) {
  let address, last;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      for await (const { event, data, id } of readEvents(response)) {
        tries = 0;
        last = id ?? last;
        if (event === "chat") address ??= listener.chat(data);
        else if (event === "delta") listener.delta(data.delta);
        else if (event === "done") return listener.done(data);
        else if (event === "error") throw Object.assign(new Error(data.detail), { isTold: true, chat: data.chat });
      }
    } catch (error) {
      if (error.isTold) throw error;
    }
    if (!address) break;
    await new Promise((resolve) => setTimeout(resolve, 300 * 2 ** tries));
    const after = last ? `?after=${last}` : "";
    response = await fetch(`${address}reply/${after}`, { headers: stream }).catch(() => response);
  }
  throw new Error(BROKEN);
}

/** An id that no other message has; unlike crypto.randomUUID, also without https. */
export function newId() {
  const digits = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
