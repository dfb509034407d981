import type { InboxRoom, RoomSnapshot } from "parley-client";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useNames } from "../../people/use_people.ts";
import { moveFocus } from "../../ui/arrows.ts";
import { Icon } from "../../ui/icon.tsx";
import { lazyPart } from "../../ui/lazy.tsx";
import { LoadFailure } from "../../ui/load_failure.tsx";
import { useKeeper } from "../../ui/scroll_keeper.ts";
import { type Loading, useLoading } from "../../ui/use_loading.ts";
import { useWords } from "../../words/use_words.ts";
import { MessageList } from "./message_list.tsx";
import type { RoomActions } from "./room_actions.ts";
import { useAnnouncements } from "./use_announcements.ts";
import { type Target, usePlaces } from "./use_places.ts";
import { useReadMarks } from "./use_read_marks.ts";

const systemLines = lazyPart(() => import("./system_line.tsx"));
const NoLine = () => null;

interface MessagesProps {
  snapshot: RoomSnapshot;
  about: InboxRoom;
  actions: RoomActions;
  /** A message to scroll to. */
  target: Target | undefined;
}

/** The scrollable messages of a room: opens where the user stopped reading, and keeps the position. */
export function Messages({ snapshot, about, actions, target }: MessagesProps) {
  const { t } = useWords();
  const names = useNames();
  const { room } = actions;
  const { messages, systemMessages } = snapshot;
  const lines = systemLines.usePart(systemMessages.length > 0);
  const scroller = useRef<HTMLDivElement>(null);
  const keeper = useKeeper(scroller);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const divider = useDivider(snapshot, about, () => keeper?.isAtEnd === true && isLookedAt());
  const isPlaced = usePlaces(room, keeper, divider, target);
  const markRead = useReadMarks(room, keeper, isPlaced);
  // The newest messages come first, and are not drawn if the room opens further up.
  const isBelow = !isPlaced && !target && divider !== undefined && (messages[0]?.seq ?? 0) > divider + 1;
  const isAllUnread = isPlaced && divider === about.last_read_seq && snapshot.unread > 0;

  if (keeper) keeper.hasNewer = snapshot.hasNewer;
  keeper?.beforeDraw();
  useLayoutEffect(() => {
    keeper?.afterDraw(isAllUnread ? keeper.divider() : undefined);
    setIsAtEnd(keeper?.isAtEnd ?? true);
    if (isPlaced) markRead();
  }, [messages, systemMessages, lines, divider, isPlaced]);

  const last = messages.at(-1);
  useLayoutEffect(() => {
    if (last?.state === "sending") keeper?.toEnd();
  }, [last?.state === "sending" && last.key]);
  const older = useEdge(scroller, ".older", isPlaced && snapshot.hasOlder && !snapshot.loadingOlder, {
    load: () => room.loadOlder(),
    edge: messages[0]?.key,
  });
  const newer = useEdge(scroller, ".newer", isPlaced && snapshot.hasNewer && !snapshot.loadingNewer, {
    load: () => room.loadNewer(),
    edge: last?.key,
  });
  useAnnouncements(messages);

  function toNewest(): void {
    room.showNewest();
    keeper?.toEnd();
  }

  function onScroll(): void {
    keeper?.scrolled();
    setIsAtEnd(keeper?.isAtEnd ?? true);
    if (isPlaced) markRead();
  }

  // More comes into view, without any scrolling, when a notice goes away, the window grows or a text gets shorter.
  useEffect(() => {
    if (!keeper || !isPlaced) return;
    const resized = new ResizeObserver(onScroll);
    resized.observe(keeper.scroller);
    const redrawn = new ResizeObserver(markRead);
    redrawn.observe(keeper.scroller.querySelector(".message-list")!);
    return () => {
      resized.disconnect();
      redrawn.disconnect();
    };
  }, [keeper, isPlaced, markRead]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") scroller.current?.closest(".room-main")?.querySelector("textarea")?.focus();
    else if (!focusHidden(event)) moveFocus(event, "[data-seq]");
  }

  /** Moves the focus to a message that is not in the document now; returns whether the key leads to one. */
  function focusHidden(event: KeyboardEvent): boolean {
    if (!keeper || event.altKey || event.ctrlKey || event.metaKey) return false;
    const at = Number((event.target as HTMLElement).closest<HTMLElement>("[data-seq]")?.dataset.seq);
    const steps: Record<string, number | null | undefined> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      Home: messages[0]?.seq,
    };
    const seq = steps[event.key];
    if (!seq || !keeper.isHidden(seq)) return false;
    event.preventDefault();
    void keeper.reveal(seq).then((message) => message?.focus());
    return true;
  }

  return (
    <div class="messages" data-placed={isPlaced}>
      <div ref={scroller} class="scroller" onScroll={onScroll} onKeyDown={onKeyDown}>
        {snapshot.hasOlder
          ? (
            <div class="older quiet">
              {(older.isLoading || snapshot.loadingOlder) && t("room.older")}
              <LoadFailure of={[older.failure]} />
            </div>
          )
          : <p class="first quiet">{t("room.first", { name: names.room(about) })}</p>}
        <MessageList
          snapshot={{
            ...snapshot,
            ...(isBelow && { messages: [] }),
            ...((isBelow || !lines) && { systemMessages: [] }),
          }}
          about={about}
          actions={actions}
          divider={divider}
          Line={lines?.SystemLine ?? NoLine}
        />
        {lines && <lines.SystemAnnouncer lines={systemMessages} />}
        {snapshot.hasNewer && (
          <div class="newer quiet">
            {(newer.isLoading || snapshot.loadingNewer) && t("room.newer")}
            <LoadFailure of={[newer.failure]} />
          </div>
        )}
      </div>
      {(!isAtEnd || snapshot.hasNewer) && <JumpButton room={snapshot.room ?? about} onClick={toNewest} />}
    </div>
  );
}

/** Whether the user is looking at the page. */
function isLookedAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** A button that jumps to the newest message, with the number of new ones. */
function JumpButton({ room, onClick }: { room: InboxRoom; onClick: () => void }) {
  const { t } = useWords();
  const { unread_count: unread, mention_count: mentions } = room;
  const label = [
    unread > 0 ? t("room.jump.unread", { count: unread }) : t("room.jump"),
    ...(mentions > 0 ? [t("inbox.mentions", { count: mentions })] : []),
  ].join(", ");
  return (
    <button type="button" class="jump" aria-label={label} title={label} onClick={onClick}>
      {mentions > 0 && <span class="badge">@</span>}
      {unread > 0 && <span class="badge">{unread}</span>}
      <Icon name="down" />
    </button>
  );
}

/** If more than this arrive at once, they count as missed. */
const MAX_SEEN_AT_ONCE = 10;

/**
 * Returns the seq after which new messages begin: those that were unread when the room was opened, or arrived while the
 * user was away. It stays until the next time, so that the user finds the place again.
 * @param attentive whether new messages are seen at once
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

/** A page loads when the edge of the messages is this close to the view. */
const LOAD_MARGIN = "800px 0px 800px 0px";

interface Edge {
  /** Loads the next page. */
  load: () => Promise<void>;
  /** The message at the edge, which a loaded page moves. */
  edge: string | undefined;
}

/**
 * Loads more messages before the user scrolls to the first one, or the last one.
 * @param line a selector of the line behind that message
 * @param canLoad whether there is something to load
 */
function useEdge(
  scroller: RefObject<HTMLElement | null>,
  line: string,
  canLoad: boolean,
  { load, edge }: Edge,
): Loading {
  const loading = useLoading();
  const { isLoading, failure, start } = loading;
  useEffect(() => {
    const element = scroller.current?.querySelector(line);
    if (!element || !canLoad || isLoading || failure) return;
    // A busy page gets several changes at once, of which the last counts.
    const observer = new IntersectionObserver((entries) => {
      if (entries.at(-1)?.isIntersecting) start(load, () => {});
    }, { root: scroller.current, rootMargin: LOAD_MARGIN });
    observer.observe(element);
    return () => observer.disconnect();
  }, [canLoad, isLoading, failure, edge]);
  return loading;
}
