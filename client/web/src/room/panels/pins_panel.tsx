import type { RoomSnapshot } from "parley-client";
import { IconButton } from "../../ui/icon.tsx";
import { attempt } from "../../ui/notices.tsx";
import { Panel } from "../../ui/panel.tsx";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";
import type { RoomActions } from "../messages/room_actions.ts";
import { MessageLine } from "./message_line.tsx";
import { pinned } from "./pin_bar.tsx";

interface PinsProps {
  snapshot: RoomSnapshot;
  actions: RoomActions;
  onClose: () => void;
}

/** The pinned messages of a room, newest first. */
export function PinsPanel({ snapshot, actions, onClose }: PinsProps) {
  const { t } = useWords();
  const messages = pinned(snapshot, actions);
  return (
    <Panel title={t("pins")} onClose={onClose}>
      {messages.length === 0 && <p class="quiet">{t("pins.none")}</p>}
      <ul class="items">
        {messages.map((message) => (
          <li key={message.id} class="with-button">
            <MessageLine message={message} onClick={() => actions.jump(message.seq)} />
            <IconButton
              icon="close"
              label={t("message.unpin")}
              onClick={() => attempt(() => actions.room.unpin(message.id))}
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
