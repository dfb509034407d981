import type { InboxRoom, RoomSnapshot } from "parley-client";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { moveFocus } from "../../ui/arrows.ts";
import { useWords } from "../../words/use_words.ts";
import type { RoomActions } from "./room_actions.ts";
import { JumpButton } from "./jump_button.tsx";
import { MessageList } from "./message_list.tsx";
import { useAnnouncements } from "./use_announcements.ts";
import { useDivider } from "./use_divider.ts";
import { useKeeper } from "./use_keeper.ts";
import { useOlder } from "./use_older.ts";
import { type Target, usePlaces } from "./use_places.ts";
import { useReadMarks } from "./use_read_marks.ts";

interface MessagesProps {
  snapshot: RoomSnapshot;
  about: InboxRoom;
  actions: RoomActions;
  /** A message to go to. */
  target: Target | undefined;
}

/** The messages of a room, in their scroller: it opens where reading ended, and stays where one reads. */
export function Messages({ snapshot, about, actions, target }: MessagesProps) {
  const { t } = useWords();
  const { room } = actions;
  const { messages } = snapshot;
  const scroller = useRef<HTMLDivElement>(null);
  const keeper = useKeeper(scroller);
  const [atEnd, setAtEnd] = useState(true);
  const divider = useDivider(snapshot, about, () => keeper?.atEnd === true && isLookedAt());
  const placed = usePlaces(room, keeper, divider, target);
  const markRead = useReadMarks(room, keeper, placed);
  const nothingRead = placed && divider === about.last_read_seq && snapshot.unread > 0;

  keeper?.beforeDraw();
  useLayoutEffect(() => {
    keeper?.afterDraw(nothingRead ? keeper.divider() : undefined);
    setAtEnd(keeper?.atEnd ?? true);
    if (placed) markRead();
  }, [messages, divider, placed]);

  const last = messages.at(-1);
  useLayoutEffect(() => {
    if (last?.state === "sending") keeper?.toEnd();
  }, [last?.state === "sending" && last.key]);
  useOlder(scroller, room, snapshot, placed);
  useAnnouncements(messages);

  function onScroll(): void {
    keeper?.scrolled();
    setAtEnd(keeper?.atEnd ?? true);
    if (placed) markRead();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") scroller.current?.closest(".room-main")?.querySelector("textarea")?.focus();
    else moveFocus(event, "[data-seq]");
  }

  return (
    <div class="messages" data-placed={placed}>
      <div ref={scroller} class="scroller" onScroll={onScroll} onKeyDown={onKeyDown}>
        {snapshot.hasOlder
          ? <p class="older quiet">{snapshot.loadingOlder ? t("room.older") : ""}</p>
          : <p class="first quiet">{t("room.first", { name: about.title })}</p>}
        <MessageList snapshot={snapshot} about={about} actions={actions} divider={divider} />
      </div>
      {!atEnd && <JumpButton unread={snapshot.unread} onClick={() => keeper?.toEnd()} />}
    </div>
  );
}

/** Whether somebody looks at the page. */
function isLookedAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
