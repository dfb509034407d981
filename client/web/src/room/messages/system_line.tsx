import "../../words/late.ts";
import type { SystemMessage } from "parley-client";
import { useEffect, useRef } from "preact/hooks";
import { type Names, useNames } from "../../people/use_people.ts";
import { announce } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";
import type { Words } from "../../words/words.ts";

/** A system message in words: names are those of now. */
function wordsOf(
  { kind, actor_id, actor_username, people, content }: SystemMessage,
  words: Words,
  names: Names,
): string {
  if (kind === "text") return content ?? "";
  const { t } = words;
  const all = people.map(({ user_id, username }) => names.person(user_id, username));
  const [name = names.person(null, null)] = all;
  const who = all.length > 2 ? t("system.others", { name, count: all.length - 1 }) : words.list(all);
  const of = { count: all.length, people: who, name: content ?? "" };
  if (kind === "joined" || kind === "left") return t(`system.${kind}`, of);
  if (actor_id === null) return t(`system.${kind}.by.nobody`, of);
  return t(`system.${kind}`, { ...of, actor: names.person(actor_id, actor_username) });
}

/** What happened in the room, or what a backend says: a line between messages. */
export function SystemLine({ line }: { line: SystemMessage }) {
  const words = useWords();
  const names = useNames();
  return (
    <div role="listitem" class="system-line" title={words.exact(line.created_at)}>
      {wordsOf(line, words, names)}
    </div>
  );
}

/** Announces those that come while the room is open to screen readers. */
export function SystemAnnouncer({ lines }: { lines: readonly SystemMessage[] }) {
  const words = useWords();
  const names = useNames();
  const opened = useRef(Date.now());
  const known = useRef(new Set<number>());
  useEffect(() => {
    for (const line of lines) {
      // Of earlier pages, or of several people: the first has been announced.
      const isNew = !known.current.has(line.version) && Date.parse(line.created_at) > opened.current;
      known.current.add(line.version);
      if (isNew) announce(wordsOf(line, words, names));
    }
  }, [lines]);
  return null;
}
