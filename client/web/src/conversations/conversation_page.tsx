import type { LiveConversation } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { go, tabPath, talkPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { Icon } from "../ui/icon.tsx";
import { attempt } from "../ui/notices.tsx";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import { AskLine } from "./ask_line.tsx";
import { TalkHead } from "./conversation_head.tsx";
import { TalkView } from "./conversation_view.tsx";
import { talksChanged } from "./use_conversations.ts";

/** Questions that wait for the page of their conversation to open. */
const firstQuestions = new Map<string, string>();

/** A conversation with the assistant, or the beginning of one. */
export function TalkPage({ id }: { id: string }) {
  return id === "new" ? <NewTalk /> : <OneTalk id={id} />;
}

function OneTalk({ id }: { id: string }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [talk, setTalk] = useState<LiveConversation>();
  useEffect(() => {
    const opened = chat.conversations.open(id);
    setTalk(opened);
    const question = firstQuestions.get(id);
    if (firstQuestions.delete(id)) opened.ready.then(() => opened.ask(question!), () => {});
    return () => opened.close();
  }, [chat, id]);
  if (!talk) return null;
  return <OpenTalk talk={talk} loading={t("loading")} />;
}

function OpenTalk({ talk, loading }: { talk: LiveConversation; loading: string }) {
  const { t } = useWords();
  const snapshot = useStore(talk);
  const title = snapshot.conversation?.title;
  useEffect(() => talksChanged(), [title]);
  if (snapshot.status === "closed") {
    return (
      <div class="center" role="alert">
        <h1>{t("talk.gone")}</h1>
        <a class="button" href={tabPath("talks")}>{t("back")}</a>
      </div>
    );
  }
  if (!snapshot.conversation) return <p class="center quiet" role="status">{loading}</p>;
  return <TalkView talk={talk} snapshot={snapshot} about={snapshot.conversation} />;
}

function NewTalk() {
  const { t } = useWords();
  const { chat } = useSession();

  async function begin(question: string): Promise<void> {
    await attempt(async () => {
      const { id } = await chat.conversations.create();
      firstQuestions.set(id, question);
      go(talkPath(id), { replace: true });
    });
  }

  return (
    <section class="room-main" aria-label={t("talk.new")}>
      <TalkHead title={t("talk.new")} />
      <div class="center quiet">
        <Icon name="spark" />
        <p>{t("talk.hello")}</p>
      </div>
      <AskLine onAsk={begin} replying={false} onStop={() => {}} />
    </section>
  );
}
