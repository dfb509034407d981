import { displayName, type Profile } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Face } from "../people/face.tsx";
import { SearchField } from "../ui/search_field.tsx";
import { Icon } from "../ui/icon.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { useSearch } from "../ui/use_search.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

interface PickerProps {
  label: string;
  chosen: readonly Profile[];
  onChange: (chosen: Profile[]) => void;
  /** Ids of users to leave out. */
  without: readonly string[];
}

/** Selects users by a part of their username or name. */
export function PeoplePicker({ label, chosen, onChange, without }: PickerProps) {
  const { t } = useWords();
  const { chat, people } = useSession();
  const [query, setQuery] = useState("");
  const hidden = new Set([...without, ...chosen.map(({ id }) => id)]);
  const { found, failure } = useSearch(query, (text) => chat.profiles.search(text).then(people.kept));
  const shown = found?.filter(({ id }) => !hidden.has(id));
  return (
    <div class="picker">
      {chosen.length > 0 && (
        <ul class="chips">
          {chosen.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                class="chip"
                aria-label={t("group.remove", { name: displayName(person) })}
                onClick={() => onChange(chosen.filter(({ id }) => id !== person.id))}
              >
                {displayName(person)}
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <SearchField label={label} value={query} onInput={setQuery} />
      {shown && (
        <ul class="items short">
          {shown.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                class="item"
                onClick={() => {
                  onChange([...chosen, person]);
                  setQuery("");
                }}
              >
                <Face id={person.id} username={person.username} size="small" />
                <span class="item-name">{displayName(person)}</span>
                <span class="item-text">{`@${person.username}`}</span>
              </button>
            </li>
          ))}
          {shown.length === 0 && <li class="quiet">{t("nothing")}</li>}
        </ul>
      )}
      <LoadFailure of={[failure]} />
    </div>
  );
}
