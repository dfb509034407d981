import type Database from "emoji-picker-element/database.js";
import type { NativeEmoji } from "emoji-picker-element/shared.js";
import { useEffect, useRef, useState } from "preact/hooks";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";
import type { Language } from "../../words/words.ts";

/** The data in one language: a file of this page, so that nothing comes from another host. */
const DATA: Record<Language, () => Promise<{ default: string }>> = {
  en: () => import("emoji-picker-element-data/en/emojibase/data.json?url"),
  ru: () => import("emoji-picker-element-data/ru/emojibase/data.json?url"),
};

/** The groups of emoji by their numbers in the data, each with one of its emoji. */
const GROUPS = [
  [0, "😀", "emoji.smileys"],
  [1, "👋", "emoji.people"],
  [3, "🐱", "emoji.nature"],
  [4, "🍎", "emoji.food"],
  [5, "🏠", "emoji.travel"],
  [6, "⚽", "emoji.activities"],
  [7, "💡", "emoji.objects"],
  [8, "🔣", "emoji.symbols"],
  [9, "🏁", "emoji.flags"],
] as const;

/** Systems draw later ones as empty boxes. */
const LATEST_VERSION = 15;
/** The emoji in a row, as in the style sheet. */
const COLUMNS = 8;
/** A shorter text finds nothing. */
const MIN_QUERY_LENGTH = 2;

/** The library's data, loaded when the picker is first opened. */
function useDatabase(): Database | "failed" | undefined {
  const { language } = useWords();
  const [database, setDatabase] = useState<Database | "failed">();
  useEffect(() => {
    let isOver = false;
    let opened: Database | undefined;
    async function open(): Promise<void> {
      const [{ default: Library }, { default: dataSource }] = await Promise.all([
        import("emoji-picker-element/database.js"),
        DATA[language](),
      ]);
      opened = new Library({ locale: language, dataSource });
      await opened.ready();
      if (!isOver) setDatabase(opened);
    }
    open().catch(() => isOver || setDatabase("failed"));
    return () => {
      isOver = true;
      void opened?.close();
    };
  }, [language]);
  return database;
}

/** All emoji by their groups, with a search. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useWords();
  const database = useDatabase();
  const [group, setGroup] = useState<number>(GROUPS[0][0]);
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<readonly NativeEmoji[]>();
  const input = useRef<HTMLInputElement>(null);
  const isSearch = query.trim().length >= MIN_QUERY_LENGTH;
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    if (!database || database === "failed") return;
    let isOver = false;
    const search = isSearch ? database.getEmojiBySearchQuery(query.trim()) : database.getEmojiByGroup(group);
    search.then((list) => {
      if (!isOver) setFound((list as NativeEmoji[]).filter(({ version }) => version <= LATEST_VERSION));
    }, () => {});
    return () => void (isOver = true);
  }, [database, group, query]);

  return (
    <div class="emoji-picker">
      <input
        ref={input}
        type="search"
        class="search-field"
        aria-label={t("emoji.search")}
        placeholder={t("emoji.search")}
        value={query}
        onInput={({ currentTarget }) => setQuery(currentTarget.value)}
      />
      <div class="emoji-groups" role="group" aria-label={t("emoji.groups")}>
        {GROUPS.map(([number, emoji, name]) => (
          <button
            key={number}
            type="button"
            class="quick emoji"
            aria-label={t(name)}
            title={t(name)}
            aria-pressed={!isSearch && number === group}
            onClick={() => {
              setQuery("");
              setGroup(number);
            }}
          >
            {emoji}
          </button>
        ))}
      </div>
      {database === "failed" && <p class="padded quiet" role="alert">{t("reaction.failed")}</p>}
      {!found && database !== "failed" && <p class="padded quiet" role="status">{t("loading")}</p>}
      {found?.length === 0 && <p class="padded quiet" role="status">{t("emoji.none")}</p>}
      {found && found.length > 0 && <Grid emoji={found} onPick={onPick} />}
    </div>
  );
}

/** Emoji in rows. Arrow keys move among them. */
function Grid({ emoji, onPick }: { emoji: readonly NativeEmoji[]; onPick: (emoji: string) => void }) {
  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll("button")];
    const next = step && buttons[buttons.indexOf(document.activeElement as HTMLButtonElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  return (
    <div class="emoji-grid" onKeyDown={onKeyDown}>
      {emoji.map(({ unicode, annotation }, index) => (
        <button
          key={unicode}
          type="button"
          class="quick emoji"
          tabIndex={index === 0 ? 0 : -1}
          aria-label={annotation}
          title={annotation}
          onClick={() => onPick(unicode)}
        >
          {unicode}
        </button>
      ))}
    </div>
  );
}
