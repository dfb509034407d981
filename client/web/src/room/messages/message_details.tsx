import type { Member, RoomSnapshot, SentMessage } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { Face } from "../../people/face.tsx";
import { useNames } from "../../people/use_people.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { LoadFailure } from "../../ui/load_failure.tsx";
import { useLoading } from "../../ui/use_loading.ts";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";
import type { RoomActions } from "./room_actions.ts";

interface Props {
  actions: RoomActions;
  snapshot: RoomSnapshot;
  message: SentMessage;
  onClose: () => void;
}

/** When a message was sent and edited, what it said before, and who has received and read it. */
export function MessageDetails({ actions, snapshot, message, onClose }: Props) {
  const words = useWords();
  const { t } = words;
  const others = snapshot.members.filter(({ user_id }) => user_id !== message.sender_id);
  const readers = others.filter((member) => member.last_read_seq >= message.seq);
  const receivers = others.filter((member) =>
    member.last_read_seq < message.seq && member.last_delivered_seq >= message.seq
  );
  return (
    <Dialog title={t("details")} onClose={onClose}>
      <p class="quiet">{t("details.sent", { time: words.exact(message.created_at) })}</p>
      {message.edited_at && <Edits actions={actions} message={message} />}
      <People title={t("details.read")} people={readers} />
      <People title={t("details.delivered")} people={receivers} />
      {readers.length + receivers.length === 0 && <p class="quiet">{t("details.nobody")}</p>}
    </Dialog>
  );
}

/** What an edited message said before. */
function Edits({ actions, message }: Pick<Props, "actions" | "message">) {
  const words = useWords();
  const [edits, setEdits] = useState<Awaited<ReturnType<RoomActions["room"]["edits"]>>>();
  const { failure, start, cancel } = useLoading();
  useEffect(() => {
    start(() => actions.room.edits(message.id), setEdits);
    return cancel;
  }, [message.id, message.version]);
  return (
    <section>
      <h3 class="list-title">{words.t("details.before")}</h3>
      <LoadFailure of={[failure]} />
      <ol class="edits">
        {edits?.map(({ content, written_at }) => (
          <li key={written_at}>
            <time class="quiet" dateTime={written_at}>{words.exact(written_at)}</time>
            <p>{content}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function People({ title, people }: { title: string; people: readonly Member[] }) {
  const names = useNames();
  if (people.length === 0) return null;
  return (
    <section>
      <h3 class="list-title">{title}</h3>
      <ul class="items short">
        {people.map(({ user_id, username }) => (
          <li key={user_id} class="row">
            <Face id={user_id} username={username} size="small" />
            <span class="item-name">{names.person(user_id, username)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
