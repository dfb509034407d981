const assistant = "Assistant";

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

/** A reply in the log that is about to come, in the place of an earlier one or at the end. */
export function addReply(log, article = addSaid(log, "reply", assistant, "")) {
  const controller = new AbortController();
  const stop = makeButton("Stop");
  stop.addEventListener("click", () => controller.abort());
  let text;

  const settle = (...parts) => {
    article.replaceChildren(...parts);
    // Only now it is read out, and in one piece.
    article.setAttribute("aria-busy", "false");
  };
  return {
    article,
    /** Empties it. Its signal aborts when it is to be stopped. */
    begin() {
      article.setAttribute("aria-busy", "true");
      article.replaceChildren();
      text = addText(article, "text", "");
      article.append(stop);
      return controller.signal;
    },
    add: (delta) => text.append(delta),
    end({ response, metadata }, again) {
      if (response === null) return this.fail(new Error("There is no reply yet."), again);
      text.textContent = response;
      if (metadata.partial) settle(text, makeHint("This reply was cut short."), makeAgain(again));
      else settle(text);
    },
    fail(error, again) {
      const reason = makeHint(controller.signal.aborted ? "You stopped this reply." : error.message);
      settle(...(text.textContent ? [text] : []), reason, makeAgain(again));
    },
  };
}

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

function makeAgain(action) {
  const form = document.createElement("form");
  Object.assign(form, { className: "again", method: "post", action });
  const button = makeButton("Try again");
  button.type = "submit";
  form.append(button);
  return form;
}
