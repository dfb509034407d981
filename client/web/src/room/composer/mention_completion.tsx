import type { LiveRoom } from "parley-client";
import type { RefObject } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { EVERYONE } from "../../core/mentions.ts";
import { useSession } from "../../core/session.ts";
import { Face } from "../../people/face.tsx";
import { useNames } from "../../people/use_people.ts";
import { Icon } from "../../ui/icon.tsx";
import { useStore } from "../../ui/use_store.ts";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";

const MAX_OPTIONS = 6;
/** From this many members on, only admins mention everyone. */
const LARGE_ROOM = 51;
const AT_CARET = /(?<![\p{L}\p{N}_.@+-])@([\p{L}\p{N}_.+-]*)$/u;

interface Option {
  /** `undefined` for everyone. */
  id: string | undefined;
  username: string;
  name: string;
}

interface Props {
  room: LiveRoom;
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  onText: (text: string) => void;
}

/**
 * Members whose name begins with what stands after an `@`. The focus stays in the field: arrow keys select, Enter or Tab
 * takes the selected one, Escape closes the list.
 */
export function MentionCompletion({ room, field, text, onText }: Props) {
  const { t } = useWords();
  const { me } = useSession();
  const { members, room: about } = useStore(room);
  const names = useNames();
  const listId = useId();
  const [at, setAt] = useState<{ start: number; query: string }>();
  const [active, setActive] = useState(0);
  const [closedAt, setClosedAt] = useState<number>();
  const caret = useRef<number>(undefined);

  const mayMentionAll = about !== null && (about.role !== "member" || about.member_count < LARGE_ROOM);
  const options = at && at.start !== closedAt ? optionsFor(at.query) : [];
  const selected = options[Math.min(active, options.length - 1)];

  function optionsFor(query: string): Option[] {
    const wanted = query.toLowerCase();
    const people = members.filter(({ user_id }) => user_id !== me).map(({ user_id, username }): Option => ({
      id: user_id,
      username,
      name: names.person(user_id, username),
    })).sort((one, other) => one.name.localeCompare(other.name));
    if (mayMentionAll) people.push({ id: undefined, username: EVERYONE, name: t("mention.all") });
    return people.filter(({ username, name }) =>
      [username, ...name.split(/\s+/)].some((word) => word.toLowerCase().startsWith(wanted))
    ).slice(0, MAX_OPTIONS);
  }

  function look(): void {
    const { value, selectionStart, selectionEnd } = field.current!;
    const match = selectionStart === selectionEnd ? AT_CARET.exec(value.slice(0, selectionStart)) : null;
    setAt(match ? { start: match.index, query: match[1]! } : undefined);
    if (!match) setClosedAt(undefined);
  }

  function take({ username }: Option): void {
    const end = field.current!.selectionStart;
    caret.current = at!.start + username.length + 2;
    onText(`${text.slice(0, at!.start)}@${username} ${text.slice(end).replace(/^ /, "")}`);
  }

  useLayoutEffect(() => {
    if (caret.current !== undefined) field.current!.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
    look();
  }, [text]);
  useEffect(() => setActive(0), [at?.start, at?.query]);

  const onKey = useRef<(event: KeyboardEvent) => void>(undefined);
  onKey.current = (event) => {
    if (options.length === 0 || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setActive((options.indexOf(selected!) + step + options.length) % options.length);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) take(selected!);
    else if (event.key === "Escape") setClosedAt(at!.start);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  useLayoutEffect(() => {
    const element = field.current!;
    // Before the field itself sends on Enter.
    const keyDown = (event: KeyboardEvent) => onKey.current!(event);
    const leave = () => setAt(undefined);
    element.addEventListener("keydown", keyDown, true);
    element.addEventListener("keyup", look);
    element.addEventListener("click", look);
    element.addEventListener("blur", leave);
    return () => {
      element.removeEventListener("keydown", keyDown, true);
      element.removeEventListener("keyup", look);
      element.removeEventListener("click", look);
      element.removeEventListener("blur", leave);
    };
  }, []);

  const optionId = (option: Option) => `${listId}-${option.username}`;
  useLayoutEffect(() => {
    if (!selected) return;
    const element = field.current!;
    const attributes = {
      "aria-autocomplete": "list",
      "aria-haspopup": "listbox",
      "aria-controls": listId,
      "aria-activedescendant": optionId(selected),
    };
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    document.getElementById(optionId(selected))?.scrollIntoView({ block: "nearest" });
    return () => Object.keys(attributes).forEach((name) => element.removeAttribute(name));
  }, [selected?.username]);

  return (
    <>
      <p class="for-readers" role="status">
        {options.length > 0 ? t("mention.found", { count: options.length }) : ""}
      </p>
      {options.length > 0 && (
        <ul class="completion" role="listbox" id={listId} aria-label={t("mention.people")}>
          {options.map((option) => (
            <li
              key={option.username}
              id={optionId(option)}
              role="option"
              aria-selected={option === selected}
              // The field keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(option)}
            >
              {option.id ? <Face id={option.id} username={option.username} size="small" /> : <Icon name="group" />}
              <span>{option.name}</span>
              <small>@{option.username}</small>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
