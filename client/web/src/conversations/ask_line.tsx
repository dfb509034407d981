import { useEffect, useRef, useState } from "preact/hooks";
import { LIMITS } from "../core/limits.ts";
import { Icon } from "../ui/icon.tsx";
import { mayTakeFocus, WriteLine } from "../ui/write_line.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

interface AskLineProps {
  onAsk: (question: string) => void;
  /** Whether a reply is being written. */
  replying: boolean;
  onStop: () => void;
}

/** The input for questions to the assistant, with a button that stops a reply. */
export function AskLine({ onAsk, replying, onStop }: AskLineProps) {
  const { t } = useWords();
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (mayTakeFocus()) field.current?.focus();
  }, []);

  function ask(): void {
    const question = text.trim();
    if (!question || replying) return;
    setText("");
    onAsk(question);
  }

  return (
    <div class="composer">
      {replying && (
        <button type="button" class="button stop" onClick={onStop}>
          <Icon name="stop" />
          {t("conversation.stop")}
        </button>
      )}
      <WriteLine
        field={field}
        label={t("conversation.ask")}
        text={text}
        limit={LIMITS.question}
        action={t("message.send")}
        icon="send"
        onInput={setText}
        onSend={ask}
        onKeyDown={(event) => event.key === "Escape" && replying && onStop()}
      />
    </div>
  );
}
