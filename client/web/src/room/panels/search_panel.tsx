import { useState } from "preact/hooks";
import { moveFocus } from "../../ui/arrows.ts";
import { SearchField } from "../../ui/search_field.tsx";
import { LoadFailure } from "../../ui/load_failure.tsx";
import { Panel } from "../../ui/panel.tsx";
import { useSearch } from "../../ui/use_search.ts";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";
import type { RoomActions } from "../messages/room_actions.ts";
import { MessageLine } from "./message_line.tsx";
import { asOptions, NO_FILTERS, SearchFilters } from "./search_filters.tsx";

/** Searches the messages of a room by their text, their sender and their day, and jumps to them. */
export function SearchPanel({ actions, onClose }: { actions: RoomActions; onClose: () => void }) {
  const { t } = useWords();
  const [query, setQuery] = useState("");
  const [filters, setFilters] = useState(NO_FILTERS);
  const { found, failure } = useSearch(
    query,
    (text) => actions.room.search(text, { ...asOptions(filters), limit: 100 }),
    Object.values(filters).join(""),
  );
  return (
    <Panel title={t("search")} onClose={onClose}>
      <SearchField label={t("room.search")} value={query} onInput={setQuery} />
      <SearchFilters actions={actions} filters={filters} onChange={setFilters} />
      <p class="quiet" role="status">{found?.length === 0 ? t("nothing") : ""}</p>
      <LoadFailure of={[failure]} />
      <ul class="items" onKeyDown={(event) => moveFocus(event, ".item")}>
        {found?.map((message) => (
          <li key={message.id}>
            <MessageLine message={message} query={query} onClick={() => actions.jump(message.seq)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
