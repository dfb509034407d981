/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { html } from "hono/html";
import type { Child } from "hono/jsx";
import { href, paths } from "./links.ts";

/** A page, in which everything that was put in is escaped. */
export type Html = ReturnType<typeof html>;

/** What every page consists of. */
export interface Page {
  title: string;
  /** The signed-in user; undefined before signing in. */
  username?: string;
  /** Names the arrangement for the style. */
  kind: "account" | "home" | "session" | "plain";
  /** What stands beside the main part. */
  aside?: Child;
  main: Child;
}

/** Later ones may overrule earlier ones. */
const STYLES = ["base.css", "controls.css", "layout.css", "sessions.css", "chat.css", "log.css"];

/** A whole page. */
export const layout = (c: Context, { title, username, kind, aside, main }: Page): Html =>
  html`<!doctype html>${(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title} · Parley</title>
        <link rel="icon" href={href(c, paths.asset("icon.svg"))} type="image/svg+xml" />
        {STYLES.map((name) => stylesheet(c, name))}
        <script type="module" src={href(c, paths.asset("chat.js"))}></script>
      </head>
      <body class={kind}>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <a class="brand" href={href(c, paths.home())}>Parley</a>
          {username !== undefined && signedInAs(c, username)}
        </header>
        {aside}
        <main id="main" tabindex={-1}>{main}</main>
      </body>
    </html>
  )}`;

const stylesheet = (c: Context, name: string) => <link rel="stylesheet" href={href(c, paths.asset(name))} />;

/** A link would be followed by browsers that fetch ahead; a button is not. */
const signedInAs = (c: Context, username: string) => (
  <form class="who" method="post" action={href(c, paths.logout())}>
    <span class="username" title={`Signed in as ${username}`}>{username}</span>
    <button type="submit" class="quiet">Log out</button>
  </form>
);
