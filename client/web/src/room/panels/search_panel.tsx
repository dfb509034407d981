import { useState } from "preact/hooks";
import { moveFocus } from "../../ui/arrows.ts";
import { SearchField } from "../../ui/field.tsx";
import { LoadFailure } from "../../ui/load_failure.tsx";
import { Panel } from "../../ui/panel.tsx";
import { useSearch } from "../../ui/use_search.ts";
import { useWords } from "../../words/use_words.ts";
import type { RoomActions } from "../messages/room_actions.ts";
import { MessageLine } from "./message_line.tsx";

/** Searches the messages of a room and jumps to them. */
export function SearchPanel({ actions, onClose }: { actions: RoomActions; onClose: () => void }) {
  const { t } = useWords();
  const [query, setQuery] = useState("");
  const { found, failure } = useSearch(query, (text) => actions.room.search(text, { limit: 100 }));
  return (
    <Panel title={t("search")} onClose={onClose}>
      <SearchField label={t("room.search")} value={query} onInput={setQuery} />
      <p class="quiet" role="status">{found?.length === 0 ? t("nothing") : ""}</p>
      <LoadFailure of={[failure]} />
      <ul class="items" onKeyDown={(event) => moveFocus(event, ".item")}>
        {found?.map((message) => (
          <li key={message.id}>
            <MessageLine message={message} onClick={() => actions.jump(message.seq)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
