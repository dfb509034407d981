/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { type Field, field, formErrors, type FormState } from "./fields.tsx";
import { type Html, layout } from "./layout.tsx";
import { href, paths } from "./links.ts";

/** A form with which one signs in. */
interface AccountForm {
  title: string;
  path: string;
  fields: Field[];
  button: string;
  other: { question: string; path: string; text: string };
}

const REGISTRATION: AccountForm = {
  title: "Create an account",
  path: paths.register(),
  fields: [
    {
      name: "username",
      label: "Username",
      autocomplete: "username",
      required: true,
      hint: "Letters, digits and @ . + - _",
    },
    { name: "email", label: "Email (optional)", type: "email", autocomplete: "email" },
    {
      name: "password",
      label: "Password",
      type: "password",
      autocomplete: "new-password",
      required: true,
      hint: "At least 8 characters",
    },
    {
      name: "confirm_password",
      label: "Password again",
      type: "password",
      autocomplete: "new-password",
      required: true,
    },
  ],
  button: "Create the account",
  other: { question: "You have an account?", path: paths.login(), text: "Log in" },
};

const LOGIN: AccountForm = {
  title: "Log in",
  path: paths.login(),
  fields: [
    { name: "username", label: "Username or email", autocomplete: "username", required: true },
    { name: "password", label: "Password", type: "password", autocomplete: "current-password", required: true },
  ],
  button: "Log in",
  other: { question: "New here?", path: paths.register(), text: "Create an account" },
};

/** What a form was sent with the last time, and the page to go to afterwards, as it was given. */
interface Sent extends FormState {
  next: string;
}

/** Web route "Registration Page". */
export const registrationPage = (c: Context, sent: Sent): Html => accountPage(c, REGISTRATION, sent);

/** Web route "Login Page". */
export const loginPage = (c: Context, sent: Sent): Html => accountPage(c, LOGIN, sent);

function accountPage(c: Context, { title, path, fields, button, other }: AccountForm, sent: Sent): Html {
  const query = sent.next && `?next=${encodeURIComponent(sent.next)}`;
  const main = (
    <>
      <h1>{title}</h1>
      <form method="post" action={href(c, path) + query}>
        {formErrors(sent, fields)}
        {fields.map((one) => field(one, sent))}
        <button type="submit">{button}</button>
      </form>
      <p>
        {other.question} <a href={href(c, other.path) + query}>{other.text}</a>
      </p>
    </>
  );
  const hasFailed = Object.keys(sent.errors).length > 0;
  return layout(c, { title: hasFailed ? `Error: ${title}` : title, kind: "account", main });
}

/** Asks for confirmation after a link from another site. */
export function logoutPage(c: Context): Html {
  const main = (
    <>
      <h1>Log out?</h1>
      <form method="post" action={href(c, paths.logout())}>
        <button type="submit">Log out</button>
      </form>
      <p>
        <a href={href(c, paths.home())}>Stay signed in</a>
      </p>
    </>
  );
  return layout(c, { title: "Log out?", kind: "account", main });
}
