import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useWords } from "../words/use_words.ts";
import { IconButton } from "./icon.tsx";

interface PanelProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A third column or, on narrow screens, a sheet over the second. Escape closes it. */
export function Panel({ title, onClose, children }: PanelProps) {
  const { t } = useWords();
  const id = useId();
  const panel = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const first = panel.current!.querySelector<HTMLElement>("input, .panel-body button, .panel-body a");
    (first ?? panel.current!).focus();
    return () => before?.focus();
  }, []);
  return (
    <aside
      ref={panel}
      class="panel"
      aria-labelledby={id}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label={t("close")} onClick={onClose} />
      </header>
      <div class="panel-body">{children}</div>
    </aside>
  );
}
