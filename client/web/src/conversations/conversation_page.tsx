import type { LiveConversation } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { conversationPath, go, type Route, tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { useParser } from "../markdown/load.ts";
import { Icon } from "../ui/icon.tsx";
import { attempt } from "../ui/notices.tsx";
import { useStoreByFrame } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { AskLine } from "./ask_line.tsx";
import { ConversationHead } from "./conversation_head.tsx";
import { ConversationView } from "./conversation_view.tsx";
import { conversationsChanged } from "./use_conversations.ts";

/** First questions that wait until their conversation is open. */
const firstQuestions = new Map<string, string>();

/** A conversation with the assistant, or a new one. */
export function ConversationPage({ id, route }: { id: string; route: Route }) {
  return id === "new" ? <NewConversation /> : <ExistingConversation id={id} route={route} />;
}

function ExistingConversation({ id, route }: { id: string; route: Route }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [conversation, setConversation] = useState<LiveConversation>();
  useEffect(() => {
    const opened = chat.conversations.open(id);
    setConversation(opened);
    const question = firstQuestions.get(id);
    if (firstQuestions.delete(id)) opened.ready.then(() => opened.ask(question!), () => {});
    return () => opened.close();
  }, [chat, id]);
  if (!conversation) return null;
  return <OpenConversation conversation={conversation} route={route} loading={t("loading")} />;
}

interface OpenProps {
  conversation: LiveConversation;
  /** May contain a message to scroll to, at each visit. */
  route: Route;
  loading: string;
}

function OpenConversation({ conversation, route, loading }: OpenProps) {
  const { t } = useWords();
  const snapshot = useStoreByFrame(conversation);
  const isReady = useParser() !== undefined;
  const title = snapshot.conversation?.title;
  useEffect(() => conversationsChanged(), [title]);
  if (snapshot.status === "closed") {
    return (
      <div class="center" role="alert">
        <h1>{t("conversation.gone")}</h1>
        <a class="button" href={tabPath("conversations")}>{t("back")}</a>
      </div>
    );
  }
  if (!snapshot.conversation || !isReady) return <p class="center quiet" role="status">{loading}</p>;
  return (
    <ConversationView conversation={conversation} snapshot={snapshot} about={snapshot.conversation} route={route} />
  );
}

function NewConversation() {
  const { t } = useWords();
  const { chat } = useSession();

  async function begin(question: string): Promise<void> {
    await attempt(async () => {
      const { id } = await chat.conversations.create();
      firstQuestions.set(id, question);
      go(conversationPath(id), { replace: true });
    });
  }

  return (
    <section class="room-main" aria-label={t("conversation.new")}>
      <ConversationHead title={t("conversation.new")} />
      <div class="center quiet">
        <Icon name="spark" />
        <p>{t("conversation.hello")}</p>
      </div>
      <AskLine onAsk={begin} replying={false} onStop={() => {}} />
    </section>
  );
}
