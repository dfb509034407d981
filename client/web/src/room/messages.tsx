import type { InboxRoom, RoomSnapshot } from "parley-client";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { moveFocus } from "../ui/arrows.ts";
import { fail } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import type { RoomActions } from "./actions.ts";
import { JumpButton } from "./jump_button.tsx";
import { MessageList } from "./message_list.tsx";
import { ScrollKeeper } from "./scroll_keeper.ts";
import { useAnnouncements } from "./use_announcements.ts";
import { useDivider } from "./use_divider.ts";
import { useOlder } from "./use_older.ts";
import { useReadMarks } from "./use_read_marks.ts";

/** A message to go to; another object each time, so that it can be the same one again. */
export interface Target {
  seq: number;
}

interface MessagesProps {
  snapshot: RoomSnapshot;
  about: InboxRoom;
  actions: RoomActions;
  /** The message that the address names. */
  asked: number | undefined;
  target: Target | undefined;
}

/** The messages of a room, in their scroller: it opens where reading ended, and stays where one reads. */
export function Messages({ snapshot, about, actions, asked, target }: MessagesProps) {
  const { t } = useWords();
  const { room } = actions;
  const { messages } = snapshot;
  const scroller = useRef<HTMLDivElement>(null);
  const [keeper, setKeeper] = useState<ScrollKeeper>();
  const [placed, setPlaced] = useState(false);
  const [atEnd, setAtEnd] = useState(true);
  const attentive = () => placed && keeper?.atEnd === true && isLookedAt();
  const divider = useDivider(snapshot, about, attentive);
  const markRead = useReadMarks(room, keeper, placed);

  useLayoutEffect(() => {
    const keeper = new ScrollKeeper(scroller.current!);
    setKeeper(keeper);
    // The keyboard of a phone, or a longer line to write on, takes room away.
    const resized = new ResizeObserver(() => keeper.atEnd && keeper.toEnd());
    resized.observe(scroller.current!);
    return () => resized.disconnect();
  }, []);

  const nothingRead = placed && divider === about.last_read_seq && snapshot.unread > 0;
  const line = () => scroller.current?.querySelector<HTMLElement>(".divider");
  keeper?.beforeDraw();
  useLayoutEffect(() => {
    keeper?.afterDraw(nothingRead ? line() : undefined);
    setAtEnd(keeper?.atEnd ?? true);
    if (placed) markRead();
  }, [messages, divider, placed]);

  const last = messages.at(-1);
  useLayoutEffect(() => {
    if (last?.state === "sending") keeper?.toEnd();
  }, [last?.state === "sending" && last.key]);

  async function goTo(seq: number): Promise<void> {
    await room.loadFrom(seq);
    // The list is drawn by then.
    await new Promise(requestAnimationFrame);
    const element = keeper?.find(seq);
    if (!element) return;
    keeper?.show(element);
    element.focus({ preventScroll: true });
    element.dataset.shown = "";
    setTimeout(() => delete element.dataset.shown, 2_000);
  }

  async function place(): Promise<void> {
    if (asked === undefined && divider !== undefined) {
      await room.loadFrom(divider + 1);
      await new Promise(requestAnimationFrame);
      const start = line();
      if (start) keeper?.show(start);
    } else keeper?.toEnd();
    setPlaced(true);
  }

  useEffect(() => {
    if (keeper && !placed) void place().catch(fail);
  }, [keeper]);
  useEffect(() => {
    const seq = target?.seq;
    if (keeper && placed && seq) void goTo(seq).catch(fail);
  }, [keeper, placed, target]);
  useEffect(() => {
    if (asked && placed) actions.jump(asked);
  }, [asked]);
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
