import { goTo, onSubmit } from "./forms.js";
import { addReply, addSaid, addTime, writeTimes } from "./log.js";
import { manageSession, showTitle } from "./manage.js";
import { converse, follow, newId, stop, submit } from "./talk.js";

const log = document.getElementById("log");
const composer = document.querySelector("form.composer");

writeTimes(document);
manageSession();
if (composer) compose(composer, log ? sendHere : sendToNew);
log?.addEventListener("submit", act);
for (const article of document.querySelectorAll("[data-reply]")) showRunning(article);

/** Sends with the button or with Enter, and at once what was written on the home page. */
function compose(form, send) {
  const { message } = form.elements;
  onSubmit(form, () => send(form, message));
  // Sent again it is the same message, with other words another one.
  message.addEventListener("input", () => form.elements.client_id.value = newId());
  message.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const first = sessionStorage.getItem(location.pathname);
  if (!log || !first) return;
  sessionStorage.removeItem(location.pathname);
  message.value = first;
  form.requestSubmit();
}

/** Begins a session: its page takes the message from here. */
async function sendToNew(form, message) {
  const response = await submit(form, { body: "{}", headers: { "Content-Type": "application/json" } });
  const { session_id } = await response.json();
  const { pathname } = new URL(`../../${session_id}/`, form.action);
  sessionStorage.setItem(pathname, message.value);
  message.value = "";
  await goTo(pathname);
}

async function sendHere(form, message) {
  const text = message.value;
  const isFirst = !log.querySelector(".said");
  const mine = addSaid(log, "mine", "You", text);
  const reply = addReply(log);
  // The log is turned round: this is its end.
  log.parentElement.scrollTop = 0;
  try {
    await show(reply, (listener) => converse(form, listener), addressFrom(form), ({ created_at }) => {
      message.value = "";
      addTime(mine, created_at);
    });
  } catch (error) {
    mine.remove();
    reply.article.remove();
    throw error;
  }
  message.focus();
  // The next message need not wait for it.
  if (isFirst) showTitle(form);
}

/** Another reply, or the rest of one. */
async function act(event) {
  event.preventDefault();
  const form = event.target;
  const reply = addReply(log, form.closest(".reply"));
  const address = new URL("../", form.action).href;
  await show(reply, (listener) => converse(form, listener), () => address).catch(reply.putBack);
  composer?.elements.message.focus();
}

/** Follows a reply that was being written when the page was loaded. */
async function showRunning(article) {
  const address = new URL("../", new URL(article.dataset.reply, location.href)).href;
  const reply = addReply(log, article);
  await show(reply, (listener) => follow(address, listener), () => address).catch(reply.putBack);
}

/** The address of a chat whose message a form has sent. */
function addressFrom(form) {
  return ({ id }) => new URL(`../chats/${id}/`, form.action).href;
}

/**
 * Shows a reply while it comes, with a button that stops it, and a way to try again when it fails.
 * @throws {Error} when the server has not even kept the message.
 */
async function show(reply, talk, addressOf, onKept = () => {}) {
  reply.begin(stop);
  let isKept = false;
  try {
    await talk({
      chat(chat) {
        isKept = true;
        onKept(chat);
        const address = addressOf(chat);
        reply.isOf(address);
        return address;
      },
      delta: reply.add,
      done: reply.end,
    });
  } catch (error) {
    if (!isKept) throw error;
    reply.fail(error);
  }
}
