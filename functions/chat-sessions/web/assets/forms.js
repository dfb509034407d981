/**
 * Has a form sent by a script: never twice at a time, and with what goes wrong said in the form.
 * @param {HTMLFormElement} form
 * @param {(form: HTMLFormElement) => Promise<void>} send
 */
export function onSubmit(form, send) {
  const button = form.querySelector("button");
  const error = form.querySelector(".error");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    error.textContent = "";
    await send(form).catch(({ message }) => error.textContent = message);
    button.disabled = false;
  });
}

/** Goes to another page. Resolves when the browser, going back, shows this one again as it was. */
export function goTo(address) {
  location.assign(address);
  return new Promise((resolve) => addEventListener("pageshow", resolve, { once: true }));
}
