import type { InboxRoom, LiveRoom, RoomSnapshot } from "parley-client";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { moveFocus } from "../../ui/arrows.ts";
import { Icon } from "../../ui/icon.tsx";
import { reportError } from "../../ui/notices.tsx";
import { useKeeper } from "../../ui/scroll_keeper.ts";
import { useWords } from "../../words/use_words.ts";
import { MessageList } from "./message_list.tsx";
import type { RoomActions } from "./room_actions.ts";
import { useAnnouncements } from "./use_announcements.ts";
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
  const [isAtEnd, setIsAtEnd] = useState(true);
  const divider = useDivider(snapshot, about, () => keeper?.isAtEnd === true && isLookedAt());
  const isPlaced = usePlaces(room, keeper, divider, target);
  const markRead = useReadMarks(room, keeper, isPlaced);
  const nothingRead = isPlaced && divider === about.last_read_seq && snapshot.unread > 0;

  keeper?.beforeDraw();
  useLayoutEffect(() => {
    keeper?.afterDraw(nothingRead ? keeper.divider() : undefined);
    setIsAtEnd(keeper?.isAtEnd ?? true);
    if (isPlaced) markRead();
  }, [messages, divider, isPlaced]);

  const last = messages.at(-1);
  useLayoutEffect(() => {
    if (last?.state === "sending") keeper?.toEnd();
  }, [last?.state === "sending" && last.key]);
  useOlder(scroller, room, snapshot, isPlaced);
  useAnnouncements(messages);

  function onScroll(): void {
    keeper?.scrolled();
    setIsAtEnd(keeper?.isAtEnd ?? true);
    if (isPlaced) markRead();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") scroller.current?.closest(".room-main")?.querySelector("textarea")?.focus();
    else moveFocus(event, "[data-seq]");
  }

  return (
    <div class="messages" data-placed={isPlaced}>
      <div ref={scroller} class="scroller" onScroll={onScroll} onKeyDown={onKeyDown}>
        {snapshot.hasOlder
          ? <p class="older quiet">{snapshot.loadingOlder ? t("room.older") : ""}</p>
          : <p class="first quiet">{t("room.first", { name: about.title })}</p>}
        <MessageList snapshot={snapshot} about={about} actions={actions} divider={divider} />
      </div>
      {!isAtEnd && <JumpButton unread={snapshot.unread} onClick={() => keeper?.toEnd()} />}
    </div>
  );
}

/** Whether somebody looks at the page. */
function isLookedAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** The way down to the newest message, with how many are new. */
function JumpButton({ unread, onClick }: { unread: number; onClick: () => void }) {
  const { t } = useWords();
  const label = unread > 0 ? t("room.jump.unread", { count: unread }) : t("room.jump");
  return (
    <button type="button" class="jump" aria-label={label} title={label} onClick={onClick}>
      {unread > 0 && <span class="badge">{unread}</span>}
      <Icon name="down" />
    </button>
  );
}

/** So many at once are not seen at once: they were missed. */
const MAX_SEEN_AT_ONCE = 10;

/**
 * After which seq new messages begin: what was unread when the room was opened, or came while nobody looked. It stays
 * where it is until then, so that one finds the place again.
 * @param attentive whether what comes is seen at once
 */
function useDivider({ unread }: RoomSnapshot, about: InboxRoom, attentive: () => boolean): number | undefined {
  const [after, setAfter] = useState(unread > 0 ? about.last_read_seq : undefined);
  const before = useRef(unread);
  if (before.current !== unread) {
    if (before.current === 0 && (unread > MAX_SEEN_AT_ONCE || !attentive())) setAfter(about.last_read_seq);
    before.current = unread;
  }
  return after;
}

/** Older messages are asked for when the first one is this near. */
const LOAD_MARGIN = "800px 0px 0px 0px";

/** Loads older messages before one has scrolled to the first. */
function useOlder(
  scroller: RefObject<HTMLElement | null>,
  room: LiveRoom,
  { hasOlder, loadingOlder, messages }: RoomSnapshot,
  isPlaced: boolean,
): void {
  useEffect(() => {
    const line = scroller.current?.querySelector(".older");
    if (!line || !isPlaced || !hasOlder || loadingOlder) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void room.loadOlder().catch(reportError);
    }, { root: scroller.current, rootMargin: LOAD_MARGIN });
    observer.observe(line);
    return () => observer.disconnect();
  }, [room, isPlaced, hasOlder, loadingOlder, messages[0]?.key]);
}
