import { readEvents } from "./events.js";

const SIGNED_OUT = "You are signed out. Log in in another tab, then send this again.";
const UNREACHABLE = "The server cannot be reached. Try again.";

/**
 * Makes a request to an address of a form.
 * @param {HTMLFormElement} form
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
 * Sends a form and tells of the reply while it comes.
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 * @param {{ chat(chat: object): void, delta(text: string): void, done(chat: object): void }} told
 * @throws {Error} with a sentence for the person in front of the page.
 */
export async function converse(form, signal, told) {
  const response = await submit(form, {
    body: new FormData(form),
    headers: { Accept: "text/event-stream" },
    signal,
  });
  for await (const { event, data } of readEvents(response)) {
    if (event === "chat") told.chat(data);
    if (event === "delta") told.delta(data.delta);
    if (event === "done") return told.done(data);
    if (event === "error") throw new Error(data.detail);
  }
  throw new Error("The connection broke.");
}

/** An id that no other message has; unlike crypto.randomUUID, also without https. */
export function newId() {
  const digits = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
