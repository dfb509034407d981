import { goTo, onSubmit } from "./forms.js";
import { submit } from "./talk.js";

/** Renames and deletes a session without reloading the page. */
export function manageSession() {
  manage("form.rename", async (form) => {
    const body = JSON.stringify({ title: form.elements.title.value });
    const response = await submit(form, { body, headers: { "Content-Type": "application/json" } });
    writeTitle((await response.json()).session_title);
    const details = form.closest("details");
    details.open = false;
    details.querySelector("summary").focus();
  });
  manage("form.delete", async (form) => {
    await submit(form, { method: "DELETE" });
    await goTo(document.querySelector(".brand").href);
  });
}

/** Shows the title that the first message gave its session. */
export async function showTitle(form) {
  const [, prefix, id] = /^(.*)\/chat\/session\/([^/]+)\/send\/$/.exec(new URL(form.action).pathname);
  const response = await fetch(`${prefix}/load_session/${id}/`).catch(() => undefined);
  if (response?.ok) writeTitle((await response.json()).session_title);
}

function manage(selector, send) {
  const form = document.querySelector(selector);
  if (form) onSubmit(form, send);
}

function writeTitle(title) {
  document.title = `${title} · Parley`;
  document.getElementById("title").textContent = title;
  const field = document.getElementById("new-title");
  field.value = title;
  const link = document.querySelector('.sessions [aria-current="page"]');
  if (link) Object.assign(link, { textContent: title, title });
}
