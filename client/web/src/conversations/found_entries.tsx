import type { FoundConversationMessage } from "parley-client";
import { useState } from "preact/hooks";
import { entryPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { usePlainLine, usePlainText } from "../markdown/plain_text.ts";
import { DayFields, timesOf } from "../ui/day_fields.tsx";
import { FoundText } from "../ui/found_text.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { useSearch } from "../ui/use_search.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

const MAX_FOUND = 50;

interface FoundEntriesProps {
  query: string;
  /** Whether no conversation has such a title. */
  isAlone: boolean;
}

/** What a search has found in the conversations, each with a link to its place. */
export function FoundEntries({ query, isAlone }: FoundEntriesProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [days, setDays] = useState({ from: "", until: "" });
  const search = (text: string) => chat.conversations.search(text, { ...timesOf(days), limit: MAX_FOUND });
  const { found, failure } = useSearch(query, search, days.from + days.until);
  return (
    <>
      <h2 class="list-title">{t("inbox.messages")}</h2>
      <details class="filters padded">
        <summary>{t("search.filters")}</summary>
        <div class="form">
          <DayFields {...days} onChange={(change) => setDays({ ...days, ...change })} />
        </div>
      </details>
      <ul class="items">{found?.map((entry) => <FoundEntry key={entry.id} entry={entry} query={query} />)}</ul>
      <p class="quiet padded" role="status">{isAlone && found?.length === 0 ? t("nothing") : ""}</p>
      <LoadFailure of={[failure]} />
    </>
  );
}

function FoundEntry({ entry, query }: { entry: FoundConversationMessage; query: string }) {
  const words = useWords();
  const plainLine = usePlainLine();
  const plainText = usePlainText();
  const { id, conversation_id, title, role, content, created_at } = entry;
  return (
    <li>
      <a class="item flat" href={entryPath(conversation_id, id)} tabIndex={-1}>
        <span class="item-name">{plainLine(title)}</span>
        <span class="item-time">{words.moment(created_at)}</span>
        <span class="item-text">
          <FoundText text={plainText(content, role === "user" ? "message" : "document")} query={query} />
        </span>
      </a>
    </li>
  );
}
