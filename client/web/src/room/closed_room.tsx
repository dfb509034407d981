import { useEffect, useState } from "preact/hooks";
import { tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { Avatar } from "../ui/avatar.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";

type PublicRoom = Awaited<ReturnType<ReturnType<typeof useSession>["chat"]["rooms"]["getPublic"]>>;

interface ClosedRoomProps {
  id: number;
  onJoined: () => void;
}

/** A room that the user is not a member of: a public group to join, or a deleted room. */
export function ClosedRoom({ id, onJoined }: ClosedRoomProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [group, setGroup] = useState<PublicRoom | null>();
  useEffect(() => void chat.rooms.getPublic(id).then(setGroup, () => setGroup(null)), [chat, id]);
  if (group === undefined) return <p class="center quiet" role="status">{t("loading")}</p>;
  if (!group) {
    return (
      <div class="center" role="alert">
        <h1>{t("room.gone")}</h1>
        <p class="quiet">{t("room.gone.text")}</p>
        <a class="button" href={tabPath("chats")}>{t("back")}</a>
      </div>
    );
  }
  const join = async () => {
    if (await attempt(() => chat.rooms.join(id))) onJoined();
  };
  return (
    <div class="center">
      <Avatar name={group.name} group />
      <h1>{group.name}</h1>
      {group.description && <p class="quiet">{group.description}</p>}
      <p class="quiet">{t("room.members", { count: group.member_count })}</p>
      <p class="row">
        <a class="button" href={tabPath("chats")}>{t("back")}</a>
        <button type="button" class="button primary" onClick={join}>{t("groups.join")}</button>
      </p>
    </div>
  );
}
