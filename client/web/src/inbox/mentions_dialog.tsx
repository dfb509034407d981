import { messageAddress } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { fileWords } from "../files/file_words.ts";
import { usePlainText } from "../markdown/plain_text.ts";
import { Face } from "../people/face.tsx";
import { useNames } from "../people/use_people.ts";
import { moveFocus } from "../ui/arrows.ts";
import { Dialog } from "../ui/dialog.tsx";
import { attempt, errorText } from "../ui/notices.tsx";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

/** The messages that mention the user, newest first. Each leads to its place in the chat. */
export function MentionsDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  const { chat } = useSession();
  const plainText = usePlainText();
  const names = useNames();
  const { rooms } = useStore(chat.rooms);
  const { status, error, messages, hasMore } = useStore(chat.mentions);
  const titles = new Map(rooms.map((room) => [room.id, names.room(room)]));
  return (
    <Dialog title={t("mentions")} onClose={onClose}>
      <p class="quiet" role="status">
        {error
          ? errorText(words, error)
          : messages.length > 0
          ? ""
          : t(status === "ready" ? "mentions.none" : "loading")}
      </p>
      <ul class="items" onKeyDown={(event) => moveFocus(event, "a.item")}>
        {messages.map((message) => (
          <li key={message.id}>
            <a class="item" href={messageAddress(message)} onClick={onClose}>
              <Face id={message.sender_id} username={message.sender_username} size="small" />
              <span class="item-name">
                {names.person(message.sender_id, message.sender_username)} <small>{titles.get(message.room_id)}</small>
              </span>
              <span class="item-time">{words.moment(message.created_at)}</span>
              <span class="item-text">{plainText(message.content) || fileWords(message.attachments, words)}</span>
            </a>
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" class="button plain" onClick={() => attempt(() => chat.mentions.loadMore())}>
          {t("inbox.more")}
        </button>
      )}
    </Dialog>
  );
}
