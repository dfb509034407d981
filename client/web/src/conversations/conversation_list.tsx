import type { Conversation } from "parley-client";
import { useState } from "preact/hooks";
import { conversationPath } from "../core/route.ts";
import { usePlainLine } from "../markdown/plain_text.ts";
import { moveFocus } from "../ui/arrows.ts";
import { SearchField } from "../ui/search_field.tsx";
import { Icon, IconButton } from "../ui/icon.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { lazy } from "../ui/lazy.tsx";
import { useConversations } from "./use_conversations.ts";

const FoundEntries = lazy(async () => (await import("./found_entries.tsx")).FoundEntries);

/** The user's conversations with the assistant, newest first. */
export function ConversationList({ open }: { open?: string }) {
  const { t } = useWords();
  const [archived, setArchived] = useState(false);
  const [filter, setFilter] = useState("");
  const { conversations, hasMore, failure, loadMore } = useConversations(archived, filter);
  const first = conversations?.some(({ id }) => id === open) ? open : conversations?.[0]?.id;
  return (
    <section class="list-pane" aria-label={t("tab.conversations")}>
      <div class="list-tools">
        <SearchField label={t("conversation.find")} value={filter} onInput={setFilter} />
        <a
          class="icon-button"
          href={conversationPath("new")}
          aria-label={t("conversation.new")}
          title={t("conversation.new")}
        >
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
          {conversations?.length === 0 && !filter.trim() ? t("conversation.empty") : ""}
        </p>
        <ul class="items">
          {conversations?.map((conversation) => (
            <ConversationItem
              key={conversation.id}
              conversation={conversation}
              current={conversation.id === open}
              first={conversation.id === first}
            />
          ))}
        </ul>
        <LoadFailure of={[failure]} />
        {hasMore && !failure && <button type="button" class="button plain" onClick={loadMore}>{t("inbox.more")}
        </button>}
        {filter.trim() && <FoundEntries query={filter} isAlone={conversations?.length === 0} />}
      </div>
    </section>
  );
}

function ConversationItem(
  { conversation, current, first }: { conversation: Conversation; current: boolean; first: boolean },
) {
  const words = useWords();
  const plainLine = usePlainLine();
  return (
    <li>
      <a
        class="item flat"
        href={conversationPath(conversation.id)}
        aria-current={current ? "page" : undefined}
        tabIndex={first ? 0 : -1}
      >
        <span class="item-name">{plainLine(conversation.title)}</span>
        <span class="item-time">{words.moment(conversation.created_at)}</span>
      </a>
    </li>
  );
}
