import { type Chat, ChatError } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { LoadFailure } from "../ui/load_failure.tsx";
import { attempt } from "../ui/notices.tsx";
import { useLoading } from "../ui/use_loading.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { AskToJoin } from "./ask_to_join.tsx";
import { GroupOffer } from "./group_offer.tsx";

type PublicRoom = Awaited<ReturnType<Chat["rooms"]["getPublic"]>>;

interface ClosedRoomProps {
  id: number;
  onJoined: () => void;
}

/** Returns a public group; null if there is none. */
async function findPublic(chat: Chat, id: number): Promise<PublicRoom | null> {
  try {
    return await chat.rooms.getPublic(id);
  } catch (error) {
    if (error instanceof ChatError && error.code === "room_not_found") return null;
    throw error;
  }
}

/** A room that the user is not a member of: a public group to join, or a deleted room. */
export function ClosedRoom({ id, onJoined }: ClosedRoomProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [group, setGroup] = useState<PublicRoom | null>();
  const { failure, start } = useLoading();
  useEffect(() => start(() => findPublic(chat, id), setGroup), [chat, id]);
  if (failure) return <LoadFailure of={[failure]} />;
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
  if (group.joining === "request") {
    return <GroupOffer group={group} form={<AskToJoin roomId={id} onJoined={onJoined} />} />;
  }
  return (
    <GroupOffer group={group}>
      <button type="button" class="button primary" onClick={join}>{t("groups.join")}</button>
    </GroupOffer>
  );
}
