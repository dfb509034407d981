import type { LiveRoom } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { tabPath } from "../route.ts";
import { useSession } from "../session.ts";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import { RoomView } from "./room_view.tsx";

interface RoomPageProps {
  id: number;
  /** The place of a message to go to. */
  seq?: number;
}

/** A room, open as long as this is shown. */
export function RoomPage({ id, seq }: RoomPageProps) {
  const { chat } = useSession();
  const [room, setRoom] = useState<LiveRoom>();
  useEffect(() => {
    const opened = chat.rooms.open(id);
    setRoom(opened);
    return () => opened.close();
  }, [chat, id]);
  return room ? <OpenRoom room={room} seq={seq} /> : null;
}

function OpenRoom({ room, seq }: { room: LiveRoom; seq?: number }) {
  const { t } = useWords();
  const snapshot = useStore(room);
  if (snapshot.status === "closed") return <GoneRoom />;
  if (!snapshot.room) return <p class="center quiet" role="status">{t("loading")}</p>;
  return <RoomView room={room} snapshot={snapshot} about={snapshot.room} seq={seq} />;
}

/** Shown to who was removed, and when the room was deleted. */
function GoneRoom() {
  const { t } = useWords();
  return (
    <div class="center" role="alert">
      <h1>{t("room.gone")}</h1>
      <p class="quiet">{t("room.gone.text")}</p>
      <a class="button" href={tabPath("chats")}>{t("back")}</a>
    </div>
  );
}
