import type { LiveRoom, SentMessage } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { moveFocus } from "../ui/arrows.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { SearchField } from "../ui/field.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { notify } from "../ui/notices.tsx";
import { useSearch } from "../ui/use_search.ts";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";

interface ForwardDialogProps {
  room: LiveRoom;
  message: SentMessage;
  onClose: () => void;
}

/** Selects the room to forward a message to. */
export function ForwardDialog({ room, message, onClose }: ForwardDialogProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [query, setQuery] = useState("");
  const recent = useStore(chat.rooms).rooms;
  const { found, failure } = useSearch(query, (text) => chat.rooms.find(text, 100));
  const rooms = query.trim() ? found : recent;
  return (
    <Dialog title={t("forward.to")} onClose={onClose}>
      <SearchField label={t("forward.find")} value={query} onInput={setQuery} />
      <p class="quiet" role="status">{rooms?.length === 0 ? t("nothing") : ""}</p>
      <LoadFailure of={[failure]} />
      <ul class="items tall" onKeyDown={(event) => moveFocus(event, "button")}>
        {rooms?.map(({ id, title, kind }) => (
          <li key={id}>
            <button
              type="button"
              class="item"
              onClick={() => {
                room.forward(message.id, id);
                onClose();
                notify(t("forward.done", { name: title }));
              }}
            >
              <Avatar name={title} group={kind === "group"} size="small" />
              <span class="item-name">{title}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
