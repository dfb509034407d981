import type { InboxRoom, LiveRoom, RoomSnapshot, Status } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { RoomFace } from "../people/face.tsx";
import { useCard } from "../people/card.ts";
import { useNames } from "../people/use_people.ts";
import { BackLink } from "../ui/back_link.tsx";
import { IconButton } from "../ui/icon.tsx";
import { useWords } from "../words/use_words.ts";
import { lazy } from "../ui/lazy.tsx";
import type { PanelName } from "./room_view.tsx";

const RoomMenu = lazy(async () => (await import("./room_menu.tsx")).RoomMenu);

interface RoomHeadProps {
  room: LiveRoom;
  snapshot: RoomSnapshot;
  about: InboxRoom;
  panel: PanelName | undefined;
  onPanel: (name: PanelName) => void;
}

/** The title of a room, who is online, and the actions. */
export function RoomHead({ room, snapshot, about, panel, onPanel }: RoomHeadProps) {
  const { t } = useWords();
  const { me } = useSession();
  const names = useNames();
  const openCard = useCard();
  const person = about.other_member?.user_id;
  const isGroup = about.kind === "group";
  const others = snapshot.online.filter((id) => id !== me);
  const here = t("room.here", { count: others.length + 1 });
  return (
    <header class="main-head">
      <BackLink to={tabPath("chats")} />
      <RoomFace room={about} online={!isGroup && others.length > 0} />
      <div class="main-title">
        <h1>
          {person
            ? <button type="button" onClick={() => openCard(person)}>{names.room(about)}</button>
            : names.room(about)}
        </h1>
        <p>
          {isGroup
            ? t("room.members", { count: about.member_count }) + (others.length > 0 ? ` · ${here}` : "")
            : <Presence about={about} here={others.length > 0} />}
        </p>
      </div>
      <IconButton
        icon="search"
        label={t("room.search")}
        pressed={panel === "search"}
        onClick={() => onPanel("search")}
      />
      {isGroup && (
        <IconButton
          icon="group"
          label={t("members")}
          pressed={panel === "members"}
          onClick={() => onPanel("members")}
        />
      )}
      <RoomMenu room={room} about={about} onPins={() => onPanel("pins")} />
    </header>
  );
}

/** Whether the other member of a direct chat is online. */
function Presence({ about, here }: { about: InboxRoom; here: boolean }) {
  const words = useWords();
  const status = useLastSeen(about.other_member?.user_id);
  if (here || status?.is_online) return <>{words.t("room.online")}</>;
  return <>{status ? words.t("room.seen", { when: words.ago(status.last_seen_at) }) : ""}</>;
}

const REFRESH_INTERVAL_MS = 30_000;

/** Polls when a user was last seen, twice a minute. */
function useLastSeen(userId: string | undefined): Status | undefined {
  const { chat } = useSession();
  const [status, setStatus] = useState<Status>();
  useEffect(() => {
    if (!userId) return;
    const ask = () => chat.status.of([userId]).then(([status]) => setStatus(status), () => {});
    void ask();
    const timer = setInterval(ask, REFRESH_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [chat, userId]);
  return status;
}
