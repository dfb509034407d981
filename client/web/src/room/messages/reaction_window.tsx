import type { LiveRoom, SentMessage } from "parley-client";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../ui/icon.tsx";
import { place } from "../../ui/menu.tsx";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";
import { EmojiPicker } from "./emoji_picker.tsx";
import { may } from "../may.ts";
import { kindsOf, QUICK, toggle, WhoReacted } from "./reactions.tsx";

interface ReactionWindowProps {
  message: SentMessage;
  room: LiveRoom;
  /** The element next to which it appears, and which gets the focus back. */
  anchor: HTMLElement;
  /** Whether it begins with all emoji. */
  isFull: boolean;
  onClose: () => void;
}

/** A small window to react to a message: a bar of emoji, all others on request, and who has reacted. */
export function ReactionWindow({ message, room, anchor, isFull, onClose }: ReactionWindowProps) {
  const { t } = useWords();
  const element = useRef<HTMLDivElement>(null);
  const [isPicking, setIsPicking] = useState(isFull);
  useLayoutEffect(() => {
    element.current!.showPopover();
    element.current!.querySelector<HTMLElement>("button")?.focus();
  }, [anchor]);
  useLayoutEffect(() => place(element.current!, anchor));
  useEffect(() => {
    const resized = new ResizeObserver(() => element.current && place(element.current, anchor));
    resized.observe(element.current!);
    return () => resized.disconnect();
  }, [anchor]);
  useEffect(() => {
    // Not as the browser does it: the finger whose long press has opened the window would close it again.
    const pressed = ({ target }: Event) => element.current?.contains(target as Node) || onClose();
    document.addEventListener("pointerdown", pressed);
    return () => document.removeEventListener("pointerdown", pressed);
  }, [onClose]);

  function close(): void {
    anchor.focus();
    onClose();
  }

  function pick(emoji: string): void {
    toggle(room, message, emoji);
    close();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      return close();
    }
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = [...element.current!.querySelectorAll<HTMLElement>(".reaction-bar button")];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    if (!step || at < 0) return;
    event.preventDefault();
    buttons[(at + step + buttons.length) % buttons.length]!.focus();
  }

  const others = kindsOf(message).map(([emoji]) => emoji).filter((emoji) => !QUICK.includes(emoji));
  return (
    <div
      ref={element}
      class="menu reaction-window"
      popover="manual"
      role="dialog"
      aria-label={t("message.react")}
      onKeyDown={onKeyDown}
    >
      {isPicking ? <EmojiPicker onPick={pick} /> : (
        <>
          <div class="reaction-bar">
            {[...QUICK, ...others].map((emoji) => (
              <button
                key={emoji}
                type="button"
                class="quick emoji"
                aria-label={t("reaction.add", { emoji })}
                aria-pressed={message.own_reactions.includes(emoji)}
                onClick={() => pick(emoji)}
              >
                {emoji}
              </button>
            ))}
            <button
              type="button"
              class="quick"
              aria-label={t("reaction.more")}
              title={t("reaction.more")}
              onClick={() => setIsPicking(true)}
            >
              <Icon name="plus" />
            </button>
          </div>
          <WhoReacted message={message} room={room} />
        </>
      )}
    </div>
  );
}

interface QuickBarProps {
  message: SentMessage;
  room: LiveRoom;
  onMore: (anchor: HTMLElement) => void;
}

/** The bar over the message under the mouse. The keyboard has the menu of the message. */
export function QuickBar({ message, room, onMore }: QuickBarProps) {
  const { t } = useWords();
  if (!may(room.getSnapshot().room)) return null;
  return (
    <div class="quick-bar" role="group" aria-label={t("message.react")}>
      {QUICK.map((emoji) => (
        <button
          key={emoji}
          type="button"
          class="quick emoji"
          tabIndex={-1}
          aria-label={t("reaction.add", { emoji })}
          aria-pressed={message.own_reactions.includes(emoji)}
          onClick={() => toggle(room, message, emoji)}
        >
          {emoji}
        </button>
      ))}
      <button
        type="button"
        class="quick"
        tabIndex={-1}
        aria-label={t("reaction.more")}
        title={t("reaction.more")}
        onClick={(event) => onMore(event.currentTarget as HTMLElement)}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}
