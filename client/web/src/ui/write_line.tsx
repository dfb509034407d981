import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { excess } from "../core/limits.ts";
import { useWords } from "../words/use_words.ts";
import { IconButton, type IconName } from "./icon.tsx";

interface WriteLineProps {
  field: RefObject<HTMLTextAreaElement | null>;
  label: string;
  text: string;
  /** The most characters; of a longer text nothing is cut, it is only not sent. */
  limit: number;
  /** What the button does. */
  action: string;
  icon: IconName;
  onInput: (text: string) => void;
  onSend: () => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A text that grows with its lines: Enter sends it, Shift+Enter begins a line, as does Enter on a phone. */
export function WriteLine({ field, label, text, limit, action, icon, onInput, onSend, onKeyDown }: WriteLineProps) {
  const { t } = useWords();
  const over = excess(text, limit);
  useLayoutEffect(() => {
    const element = field.current!;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  function keyDown(event: KeyboardEvent): void {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && hasKeyboard()) {
      event.preventDefault();
      if (over === 0) onSend();
    } else onKeyDown?.(event);
  }

  return (
    <form
      class="write-line"
      onSubmit={(event) => {
        event.preventDefault();
        if (over === 0) onSend();
        field.current?.focus();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        aria-invalid={over > 0}
        aria-label={label}
        placeholder={label}
        enterkeyhint={hasKeyboard() ? "send" : "enter"}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={keyDown}
      />
      <p class="too-long" role="status">{over > 0 ? t("too.long", { count: over, limit }) : ""}</p>
      <IconButton icon={icon} label={action} submit class="primary" disabled={!text.trim() || over > 0} />
    </form>
  );
}

/** Whether the device has a mouse, and so, most likely, a keyboard that takes no room on the screen. */
export function hasKeyboard(): boolean {
  return matchMedia("(hover: hover)").matches;
}
