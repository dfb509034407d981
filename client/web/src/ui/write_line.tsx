import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { hasKeyboard } from "./device.ts";
import { IconButton, type IconName } from "./icon.tsx";

/** More, the database refuses. */
const longest = 10_000;

interface WriteLineProps {
  field: RefObject<HTMLTextAreaElement | null>;
  label: string;
  text: string;
  /** What the button does. */
  action: string;
  icon: IconName;
  onInput: (text: string) => void;
  onSend: () => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A text that grows with its lines: Enter sends it, Shift+Enter begins a line, as does Enter on a phone. */
export function WriteLine({ field, label, text, action, icon, onInput, onSend, onKeyDown }: WriteLineProps) {
  useLayoutEffect(() => {
    const element = field.current!;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  function keyDown(event: KeyboardEvent): void {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && hasKeyboard()) {
      event.preventDefault();
      onSend();
    } else onKeyDown?.(event);
  }

  return (
    <form
      class="write-line"
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
        field.current?.focus();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        maxLength={longest}
        aria-label={label}
        placeholder={label}
        enterkeyhint={hasKeyboard() ? "send" : "enter"}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={keyDown}
      />
      <IconButton icon={icon} label={action} submit class="primary" disabled={!text.trim()} />
    </form>
  );
}
