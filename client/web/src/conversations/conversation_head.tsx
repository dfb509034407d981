import type { ComponentChildren } from "preact";
import { tabPath } from "../core/route.ts";
import { BackLink } from "../ui/back_link.tsx";

/** The title of a conversation and its actions. */
export function ConversationHead({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <header class="main-head">
      <BackLink to={tabPath("conversations")} />
      <div class="main-title">
        <h1>{title}</h1>
      </div>
      {children}
    </header>
  );
}
