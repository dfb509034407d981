import type { LiveRoom } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import type { Route } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { useParser } from "../markdown/load.ts";
import { lazy } from "../ui/lazy.tsx";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import { RoomView } from "./room_view.tsx";

const ClosedRoom = lazy(async () => (await import("./closed_room.tsx")).ClosedRoom);

interface RoomPageProps {
  id: number;
  /** May contain a message to scroll to, at each visit. */
  route: Route;
}

/** A room that is open as long as this component is shown; offers to join a public group. */
export function RoomPage({ id, route }: RoomPageProps) {
  const { chat } = useSession();
  const [room, setRoom] = useState<LiveRoom>();
  const [joins, setJoins] = useState(0);
  useEffect(() => {
    const opened = chat.rooms.open(id, { at: "unread" });
    setRoom(opened);
    return () => opened.close();
  }, [chat, id, joins]);
  return room ? <OpenRoom key={joins} room={room} route={route} onJoined={() => setJoins(joins + 1)} /> : null;
}

function OpenRoom({ room, route, onJoined }: { room: LiveRoom; route: Route; onJoined: () => void }) {
  const { t } = useWords();
  const snapshot = useStore(room);
  // Without the parser, messages would change their heights when it comes.
  const isReady = useParser() !== undefined;
  if (snapshot.status === "closed") return <ClosedRoom id={snapshot.id} onJoined={onJoined} />;
  if (!snapshot.room || !isReady) return <p class="center quiet" role="status">{t("loading")}</p>;
  return <RoomView room={room} snapshot={snapshot} about={snapshot.room} route={route} />;
}
