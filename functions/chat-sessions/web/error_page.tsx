/** @jsxImportSource hono/jsx */
import type { Context } from "hono";
import { type Html, layout } from "./layout.tsx";
import { href, paths } from "./links.ts";

const TITLES: Record<number, string> = {
  403: "Not allowed",
  404: "Not found",
  429: "Too many requests",
};

/** What a browser shows when a page, or what a form asked for, is refused. */
export function errorPage(c: Context, status: number, sentence: string): Html {
  const said = status === 404 ? "There is no such page, or it is somebody else's." : sentence;
  const title = TITLES[status] ?? (status < 500 ? "That did not work" : "Something went wrong");
  const main = (
    <>
      <h1>{title}</h1>
      <p role="alert">{said}</p>
      <p>
        <a href={href(c, paths.home())}>To your chats</a>
      </p>
    </>
  );
  return layout(c, { title, kind: "plain", main });
}
