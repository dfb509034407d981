import type { InboxRoom, LiveRoom, RoomSnapshot, SentMessage, Typist } from "parley-client";
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { Route } from "../core/route.ts";
import { useChosen } from "../files/use_chosen.ts";
import { useDrop } from "../files/use_drop.ts";
import { useNames } from "../people/use_people.ts";
import { ConnectingLine } from "../ui/connecting_line.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import { Composer } from "./composer/composer.tsx";
import { Messages } from "./messages/messages.tsx";
import type { RoomActions, Task } from "./messages/room_actions.ts";
import type { Target } from "./messages/use_places.ts";
import { may } from "./may.ts";
import { RoomHead } from "./room_head.tsx";
import { lazy } from "../ui/lazy.tsx";

const Confirm = lazy(async () => (await import("../ui/dialog.tsx")).Confirm);
const ForwardDialog = lazy(async () => (await import("./forward_dialog.tsx")).ForwardDialog);
const MessageDetails = lazy(async () => (await import("./messages/message_details.tsx")).MessageDetails);
const MembersPanel = lazy(async () => (await import("./panels/members_panel.tsx")).MembersPanel);
const MessageMenu = lazy(async () => (await import("./messages/message_menu.tsx")).MessageMenu);
const NoComposer = lazy(async () => (await import("./composer/no_composer.tsx")).NoComposer);
const PinBar = lazy(async () => (await import("./panels/pin_bar.tsx")).PinBar);
const PinsPanel = lazy(async () => (await import("./panels/pins_panel.tsx")).PinsPanel);
const ReactionWindow = lazy(async () => (await import("./messages/reaction_window.tsx")).ReactionWindow);
const SearchPanel = lazy(async () => (await import("./panels/search_panel.tsx")).SearchPanel);

export type PanelName = "search" | "pins" | "members";

interface RoomViewProps {
  room: LiveRoom;
  snapshot: RoomSnapshot;
  about: InboxRoom;
  /** May contain a message to scroll to, at each visit. */
  route: Route;
}

/** A room: its header, messages and composer, and a panel if one is open. */
export function RoomView({ room, snapshot, about, route }: RoomViewProps) {
  const { t } = useWords();
  const [panel, setPanel] = useState<PanelName>();
  const [task, setTask] = useState<Task>();
  const [target, setTarget] = useState<Target>();
  const [menu, setMenu] = useState<{ message: SentMessage; anchor: HTMLElement }>();
  const [reacting, setReacting] = useState<{ message: SentMessage; anchor: HTMLElement; isFull: boolean }>();
  const [forwarding, setForwarding] = useState<SentMessage>();
  const [detailed, setDetailed] = useState<SentMessage>();
  const [removing, setRemoving] = useState<SentMessage>();
  const actions = useMemo<RoomActions>(() => ({
    room,
    write: setTask,
    forward: setForwarding,
    remove: setRemoving,
    details: setDetailed,
    menu: (message, anchor) => setMenu({ message, anchor }),
    react: (message, anchor, isFull = false) => setReacting({ message, anchor, isFull }),
    jump: (seq) => setTarget({ seq }),
  }), [room]);
  useLayoutEffect(() => {
    if (route.seq) setTarget({ seq: route.seq });
  }, [route]);
  const names = useNames();
  const files = useChosen(room);
  const mayWrite = may(about, "posting");
  const isDropping = useDrop(files.add) && mayWrite;
  const closePanel = () => setPanel(undefined);
  return (
    <div class="room" data-panel={panel}>
      <section class="room-main" aria-label={names.room(about)}>
        <RoomHead
          room={room}
          snapshot={snapshot}
          about={about}
          panel={panel}
          onPanel={(name) => setPanel(panel === name ? undefined : name)}
        />
        <ConnectingLine connecting={snapshot.status !== "live"} />
        {snapshot.pins.length > 0 && <PinBar snapshot={snapshot} actions={actions} onAll={() => setPanel("pins")} />}
        <Messages snapshot={snapshot} about={about} actions={actions} target={target} />
        <TypingLine typing={snapshot.typing} />
        {mayWrite
          ? <Composer room={room} messages={snapshot.messages} files={files} task={task} onTask={setTask} />
          : <NoComposer about={about} />}
        {isDropping && <p class="drop">{t("file.drop", { name: about.title })}</p>}
      </section>
      {panel === "search" && <SearchPanel actions={actions} onClose={closePanel} />}
      {panel === "pins" && <PinsPanel snapshot={snapshot} actions={actions} onClose={closePanel} />}
      {panel === "members" && <MembersPanel snapshot={snapshot} about={about} onClose={closePanel} />}
      {menu && <MessageMenu actions={actions} snapshot={snapshot} {...menu} onClose={() => setMenu(undefined)} />}
      {reacting && (
        <ReactionWindow
          room={room}
          message={current(snapshot, reacting.message)}
          anchor={reacting.anchor}
          isFull={reacting.isFull}
          onClose={() => setReacting(undefined)}
        />
      )}
      {forwarding && <ForwardDialog room={room} message={forwarding} onClose={() => setForwarding(undefined)} />}
      {detailed && (
        <MessageDetails
          actions={actions}
          snapshot={snapshot}
          message={current(snapshot, detailed)}
          onClose={() => setDetailed(undefined)}
        />
      )}
      {removing && (
        <Confirm
          question={t("message.delete.sure")}
          action={t("delete")}
          onConfirm={() => attempt(() => room.delete(removing.id))}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </div>
  );
}

/** A message as it is now: its reactions may have changed since. */
const current = ({ messages }: RoomSnapshot, message: SentMessage): SentMessage =>
  messages.find((each): each is SentMessage => each.id === message.id) ?? message;

/** Who is typing. */
function TypingLine({ typing }: { typing: readonly Typist[] }) {
  const { t, list } = useWords();
  const { person } = useNames();
  const names = typing.map(({ user_id, username }) => person(user_id, username));
  const text = names.length > 3
    ? t("room.typing.many")
    : names.length > 0
    ? t("room.typing", { count: names.length, names: list(names) })
    : "";
  return <p class="typing" role="status">{text}</p>;
}
