import type { Conversation } from "parley-client";
import { useState } from "preact/hooks";
import { talkPath } from "../core/route.ts";
import { moveFocus } from "../ui/arrows.ts";
import { SearchField } from "../ui/field.tsx";
import { Icon, IconButton } from "../ui/icon.tsx";
import { useWords } from "../words/use_words.ts";
import { useTalks } from "./use_conversations.ts";

/** One's conversations with the assistant, the newest first. */
export function TalkList({ open }: { open?: string }) {
  const { t } = useWords();
  const [archived, setArchived] = useState(false);
  const [filter, setFilter] = useState("");
  const { talks, hasMore, loadMore } = useTalks(archived, filter);
  const first = talks?.some(({ id }) => id === open) ? open : talks?.[0]?.id;
  return (
    <section class="list-pane" aria-label={t("tab.talks")}>
      <div class="list-tools">
        <SearchField label={t("talk.find")} value={filter} onInput={setFilter} />
        <a class="icon-button" href={talkPath("new")} aria-label={t("talk.new")} title={t("talk.new")}>
          <Icon name="plus" />
        </a>
        <IconButton
          icon="archive"
          label={t("archived")}
          pressed={archived}
          onClick={() => setArchived(!archived)}
        />
      </div>
      <div class="scroll" onKeyDown={(event) => moveFocus(event, "a.item")}>
        <p class="quiet padded" role="status">
          {talks?.length === 0 ? t(filter.trim() ? "nothing" : "talk.empty") : ""}
        </p>
        <ul class="items">
          {talks?.map((talk) => (
            <TalkItem key={talk.id} talk={talk} current={talk.id === open} first={talk.id === first} />
          ))}
        </ul>
        {hasMore && <button type="button" class="button plain" onClick={loadMore}>{t("inbox.more")}</button>}
      </div>
    </section>
  );
}

function TalkItem({ talk, current, first }: { talk: Conversation; current: boolean; first: boolean }) {
  const words = useWords();
  return (
    <li>
      <a
        class="item flat"
        href={talkPath(talk.id)}
        aria-current={current ? "page" : undefined}
        tabIndex={first ? 0 : -1}
      >
        <span class="item-name">{talk.title}</span>
        <span class="item-time">{words.moment(talk.created_at)}</span>
      </a>
    </li>
  );
}
