import { isSameEmoji, type LiveRoom, type Reaction, type RoomMessage, type SentMessage } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { type Names, useNames } from "../../people/use_people.ts";
import { attempt } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";

/** The emoji that one press puts on a message. */
export const QUICK = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/** How many people a chip names. */
const NAMED = 20;

/** Puts an emoji of the user on a message, or takes it back. */
export function toggle(room: LiveRoom, { id, own_reactions }: SentMessage, emoji: string): void {
  const isOwn = own_reactions.some((each) => isSameEmoji(each, emoji));
  attempt(() => isOwn ? room.unreact(id, emoji) : room.react(id, emoji));
}

/** The emoji of a message with their counts, those of most people first. */
export const kindsOf = ({ reactions }: RoomMessage): [emoji: string, count: number][] =>
  Object.entries(reactions).sort(([, one], [, other]) => other - one);

interface ReactionsProps {
  message: SentMessage;
  room: LiveRoom;
}

/** The reactions under a message. Pressing one adds the user's own, or takes it back. */
export function Reactions({ message, room }: ReactionsProps) {
  const { t } = useWords();
  const kinds = kindsOf(message);
  if (kinds.length === 0) return null;
  return (
    <div class="reactions" role="group" aria-label={t("reaction.all")}>
      {kinds.map(([emoji, count]) => <Chip key={emoji} {...{ message, room, emoji, count }} />)}
    </div>
  );
}

function Chip({ message, room, emoji, count }: ReactionsProps & { emoji: string; count: number }) {
  const { t } = useWords();
  const [asked, setAsked] = useState<number>();
  const people = useReactions(room, message, asked === count ? { emoji, limit: NAMED } : undefined);
  const { person } = useNames();
  const names = people && namesOf(people, count, person);
  const ask = () => setAsked(count);
  return (
    <button
      type="button"
      class="reaction"
      tabIndex={-1}
      aria-pressed={message.own_reactions.includes(emoji)}
      aria-label={t("reaction.count", { emoji, count })}
      title={names}
      onPointerEnter={ask}
      onFocus={ask}
      onClick={() => toggle(room, message, emoji)}
    >
      <span class="emoji">{emoji}</span>
      {count}
    </button>
  );
}

/** The names of people, and how many more there are. */
function namesOf(people: readonly Reaction[], count: number, person: Names["person"]): string {
  const names = people.map(({ user_id, username }) => person(user_id, username)).join(", ");
  return count > people.length ? `${names} +${count - people.length}` : names;
}

/** Loads who has reacted; undefined until then, and without options. */
function useReactions(
  room: LiveRoom,
  { id, reactions_version }: SentMessage,
  options?: { emoji?: string; limit: number },
) {
  const [people, setPeople] = useState<Reaction[]>();
  const isWanted = options !== undefined;
  useEffect(() => {
    if (!isWanted) return;
    let isOver = false;
    room.reactions(id, options).then((found) => isOver || setPeople(found), () => {});
    return () => void (isOver = true);
  }, [room, id, reactions_version, isWanted]);
  return people;
}

/** Who has reacted to a message, by emoji. */
export function WhoReacted({ message, room }: ReactionsProps) {
  const { t } = useWords();
  const { person } = useNames();
  const people = useReactions(room, message, { limit: 100 });
  const kinds = kindsOf(message);
  if (!people || kinds.length === 0) return null;
  return (
    <ul class="who-reacted" aria-label={t("reaction.who")}>
      {kinds.map(([emoji, count]) => (
        <li key={emoji}>
          <span class="emoji">{emoji}</span>
          <span>{namesOf(people.filter((each) => each.emoji === emoji), count, person)}</span>
        </li>
      ))}
    </ul>
  );
}
