import type { InboxRoom } from "parley-client";
import type { People } from "../core/people.ts";
import { useSession } from "../core/session.ts";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";

/** Returns the people of the page; renders again when more is known of them. */
export function usePeople(): People {
  const { people } = useSession();
  useStore(people);
  return people;
}

/** What to call people and rooms. */
export interface Names {
  /** A person, by their id and username; both are `null` when the account was deleted. */
  person: (id: string | null, username: string | null) => string;
  /** A group by its name, and a direct room by that of the other person. */
  room: (room: Pick<InboxRoom, "title" | "other_member">) => string;
}

export function useNames(): Names {
  const { t } = useWords();
  const people = usePeople();
  const person: Names["person"] = (id, username) => people.nameOf(id, username) ?? t("message.somebody");
  return {
    person,
    room: ({ title, other_member: other }) =>
      other ? person(other.user_id, other.username) : title || person(null, null),
  };
}
