import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { excess } from "../core/limits.ts";
import { useWords } from "../words/use_words.ts";
import { IconButton, type IconName } from "./icon.tsx";

interface WriteLineProps {
  field: RefObject<HTMLTextAreaElement | null>;
  label: string;
  text: string;
  /** Maximum number of characters. Longer text is not cut, but cannot be sent. */
  limit: number;
  /** The label of the button. */
  action: string;
  icon: IconName;
  /** A button before the text. */
  start?: ComponentChildren;
  /** Whether there is something to send besides the text, which may then be empty. */
  hasMore?: boolean;
  onPaste?: (event: ClipboardEvent) => void;
  onInput: (text: string) => void;
  onSend: () => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A text area that grows with its content. Enter sends, Shift+Enter adds a line; on a phone, Enter adds a line. */
export function WriteLine(props: WriteLineProps) {
  const { field, label, text, limit, action, icon, start, hasMore = false, onPaste, onInput, onSend, onKeyDown } =
    props;
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
      {start}
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
        onPaste={onPaste}
      />
      <p class="too-long" role="status">{over > 0 ? t("too.long", { count: over, limit }) : ""}</p>
      <IconButton icon={icon} label={action} submit class="primary" disabled={!text.trim() && !hasMore || over > 0} />
    </form>
  );
}

/** Whether a line that has just opened may take the focus: not from a field in which the user writes. */
export function mayTakeFocus(): boolean {
  return hasKeyboard() && !document.activeElement?.matches(":is(input, textarea):not(dialog *)");
}

/** Whether the device has a mouse, and so probably a keyboard that takes no space on the screen. */
export function hasKeyboard(): boolean {
  return matchMedia("(hover: hover)").matches;
}
