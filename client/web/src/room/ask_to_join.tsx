import { useEffect, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Field } from "../ui/field.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

/** As in the database: join_requests_note_check. */
const MAX_NOTE = 500;

interface AskProps {
  roomId: number;
  onJoined: () => void;
}

/** Asks the admins of a group to let the user in, and follows what comes of it. */
export function AskToJoin({ roomId, onJoined }: AskProps) {
  const { t } = useWords();
  const { chat, me } = useSession();
  const [hasAsked, setHasAsked] = useState<boolean>();
  useEffect(() => {
    const read = () => chat.joinRequests.list(roomId, { limit: 1 }).then((own) => setHasAsked(own.length > 0));
    attempt(read);
    return chat.joinRequests.onChanged(({ room_id, user_id, asking }) => {
      if (room_id !== roomId || user_id !== me) return;
      setHasAsked(asking);
      // The request ends when the user is let in, and also when it is declined.
      if (!asking) chat.rooms.get(roomId).then(onJoined, () => {});
    });
  }, [chat, roomId]);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget as HTMLFormElement).get("note")).trim();
    if (await attempt(() => chat.joinRequests.make(roomId, note))) setHasAsked(true);
  }

  async function withdraw(): Promise<void> {
    if (await attempt(() => chat.joinRequests.withdraw(roomId))) setHasAsked(false);
  }

  if (hasAsked === undefined) return null;
  if (hasAsked) {
    return (
      <div class="form" role="status">
        <p>{t("asking.waits")}</p>
        <button type="button" class="button" onClick={withdraw}>{t("asking.withdraw")}</button>
      </div>
    );
  }
  return (
    <form class="form" onSubmit={onSubmit}>
      <Field label={t("asking.note")} name="note" limit={MAX_NOTE} autocomplete="off" />
      <button type="submit" class="button primary">{t("asking.ask")}</button>
    </form>
  );
}
