import type { LiveRoom, SentMessage } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { moveFocus } from "../ui/arrows.ts";
import { RoomFace } from "../people/face.tsx";
import { useNames } from "../people/use_people.ts";
import { Dialog } from "../ui/dialog.tsx";
import { SearchField } from "../ui/search_field.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { notify } from "../ui/notices.tsx";
import { useSearch } from "../ui/use_search.ts";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

interface ForwardDialogProps {
  room: LiveRoom;
  message: SentMessage;
  onClose: () => void;
}

/** Selects the room to forward a message to. */
export function ForwardDialog({ room, message, onClose }: ForwardDialogProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const names = useNames();
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
        {rooms?.map((each) => (
          <li key={each.id}>
            <button
              type="button"
              class="item"
              onClick={() => {
                room.forward(message.id, each.id);
                onClose();
                notify(t("forward.done", { name: names.room(each) }));
              }}
            >
              <RoomFace room={each} size="small" />
              <span class="item-name">{names.room(each)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
