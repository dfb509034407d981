import type { Conversation, ConversationSnapshot, LiveConversation } from "parley-client";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Route } from "../core/route.ts";
import { plainText } from "../markdown/plain_text.ts";
import { ConnectingLine } from "../ui/connecting_line.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { announce, attempt, reportError } from "../ui/notices.tsx";
import { drawn, highlight, ScrollKeeper } from "../ui/scroll_keeper.ts";
import { useLoading } from "../ui/use_loading.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { AskLine } from "./ask_line.tsx";
import { ConversationHead } from "./conversation_head.tsx";
import { ConversationMenu } from "./conversation_menu.tsx";
import { EntryItem } from "./entry_item.tsx";

interface ConversationViewProps {
  conversation: LiveConversation;
  snapshot: ConversationSnapshot;
  about: Conversation;
  route: Route;
}

/** A conversation: questions and replies, the last of which may be growing. */
export function ConversationView({ conversation, snapshot, about, route }: ConversationViewProps) {
  const { t } = useWords();
  const { messages, replying, hasOlder, loadingOlder } = snapshot;
  const scroller = useRef<HTMLDivElement>(null);
  const keeper = useRef<ScrollKeeper>(undefined);

  const older = useLoading();
  keeper.current?.beforeDraw();
  useLayoutEffect(() => {
    keeper.current ??= new ScrollKeeper(scroller.current!);
    keeper.current.afterDraw();
  }, [messages]);

  useEffect(() => {
    if (route.message) void toEntry(conversation, keeper.current!, route.message).catch(reportError);
  }, [conversation, route]);
  useReplyAnnouncement(snapshot);

  /** A failure appears in the list. */
  function ask(question: string): void {
    keeper.current?.toEnd();
    conversation.ask(question).finished.catch(() => {});
  }

  return (
    <section class="room-main" aria-label={about.title}>
      <ConversationHead title={about.title}>
        <ConversationMenu about={about} />
      </ConversationHead>
      <ConnectingLine connecting={snapshot.status !== "live"} />
      <div class="messages" data-placed>
        <div ref={scroller} class="scroller" onScroll={() => keeper.current?.scrolled()}>
          {hasOlder && !older.failure && (
            <button
              type="button"
              class="button plain"
              disabled={loadingOlder || older.isLoading}
              onClick={() => older.start(() => conversation.loadOlder(), () => {})}
            >
              {t("inbox.more")}
            </button>
          )}
          <LoadFailure of={[older.failure]} />
          <ol class="entries" aria-label={t("room.messages")} tabIndex={0}>
            {messages.map((entry) => (
              <EntryItem key={entry.key} entry={entry} conversation={conversation} replying={replying} />
            ))}
          </ol>
        </div>
      </div>
      <p class="typing" role="status">{replying ? t("conversation.thinking") : ""}</p>
      <AskLine onAsk={ask} replying={replying} onStop={() => attempt(async () => await conversation.stop())} />
    </section>
  );
}

/** Loads what was said from a message on, and shows that message. */
async function toEntry(conversation: LiveConversation, keeper: ScrollKeeper, id: number): Promise<void> {
  await conversation.loadFrom(id);
  await drawn();
  const entry = keeper.scroller.querySelector<HTMLElement>(`[data-id="${id}"]`);
  if (entry) highlight(keeper, entry);
}

/** Announces a reply to screen readers once it is complete. */
function useReplyAnnouncement({ messages, replying }: ConversationSnapshot): void {
  const { t } = useWords();
  const wasReplying = useRef(replying);
  useEffect(() => {
    const last = messages.at(-1);
    if (wasReplying.current && !replying && last?.role === "assistant") {
      announce(t("inbox.said", { name: t("conversation.assistant"), text: plainText(last.content, "document") }));
    }
    wasReplying.current = replying;
  }, [replying]);
}
