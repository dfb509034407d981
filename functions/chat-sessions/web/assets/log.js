const ASSISTANT = "Assistant";

/** Writes times in the zone of the person in front of the page. */
export function writeTimes(parent) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of parent.querySelectorAll("time")) time.textContent = format.format(new Date(time.dateTime));
}

/** Adds when it was said. */
export function addTime(article, time) {
  article.append(Object.assign(document.createElement("time"), { dateTime: time }));
  writeTimes(article);
}

/** Adds to the log what someone says. */
export function addSaid(log, className, who, text) {
  const article = document.createElement("article");
  article.className = `said ${className}`;
  article.setAttribute("aria-label", who);
  addText(article, "text", text);
  log.append(article);
  return article;
}

/**
 * A reply in the log that is about to come, in the place of an earlier one or at the end.
 * @param {HTMLElement} log
 * @param {HTMLElement} [article]
 */
export function addReply(log, article = addSaid(log, "reply", ASSISTANT, "")) {
  const stop = makeButton("Stop");
  let isStopped = false;
  let text, address, before;

  const settle = (hint, isPartial) => {
    const parts = text.textContent ? [text] : [];
    if (hint) parts.push(makeHint(hint), ...(isPartial ? [makeForm(`${address}continue/`, "Continue")] : []));
    article.replaceChildren(...parts, ...(hint ? [makeForm(`${address}regenerate/`, "Try again")] : []));
    // Only now it is read out, and in one piece.
    article.setAttribute("aria-busy", "false");
  };
  const show = ({ response, metadata }, reason) => {
    text.textContent = response ?? "";
    const isPartial = metadata.partial === true;
    if (response === null) settle(isStopped ? STOPPED : reason ?? "There is no reply yet.");
    else settle(isPartial ? isStopped ? STOPPED : reason ?? "This reply was cut short." : undefined, isPartial);
  };
  return {
    article,
    /** Empties it. `onStop` is given the address of the chat. */
    begin(onStop) {
      before = [...article.childNodes];
      article.setAttribute("aria-busy", "true");
      article.replaceChildren();
      stop.disabled = true;
      text = addText(article, "text", "");
      article.append(stop);
      stop.addEventListener("click", async () => {
        stop.disabled = isStopped = true;
        await onStop(address).catch(() => stop.disabled = isStopped = false);
      });
    },
    /** Says where its chat is: from then on it can be stopped. */
    isOf(chatAddress) {
      address = chatAddress;
      stop.disabled = false;
    },
    /** Nothing came of it: what stood there before stands there again. */
    putBack(error) {
      article.replaceChildren(...before, makeHint(error.message));
      article.setAttribute("aria-busy", "false");
    },
    add: (delta) => text.append(delta),
    end: (chat) => show(chat),
    fail(error) {
      if (error.chat) show(error.chat, error.message);
      else settle(error.message);
    },
  };
}

const STOPPED = "You stopped this reply.";

function addText(parent, className, text) {
  const paragraph = document.createElement("p");
  paragraph.className = className;
  paragraph.textContent = text;
  parent.append(paragraph);
  return paragraph;
}

const makeHint = (text) => addText(document.createElement("div"), "hint", text);

function makeButton(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = text;
  return button;
}

function makeForm(action, label) {
  const form = document.createElement("form");
  Object.assign(form, { className: "again", method: "post", action });
  const button = makeButton(label);
  button.type = "submit";
  form.append(button);
  return form;
}
