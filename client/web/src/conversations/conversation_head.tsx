import type { ComponentChildren } from "preact";
import { tabPath } from "../core/route.ts";
import { usePlainLine } from "../markdown/plain_text.ts";
import { BackLink } from "../ui/back_link.tsx";

/** The title of a conversation and its actions. */
export function ConversationHead({ title, children }: { title: string; children?: ComponentChildren }) {
  const plainLine = usePlainLine();
  return (
    <header class="main-head">
      <BackLink to={tabPath("conversations")} />
      <div class="main-title">
        <h1>{plainLine(title)}</h1>
      </div>
      {children}
    </header>
  );
}
