import { useState } from "preact/hooks";
import { Avatar } from "../ui/avatar.tsx";
import { SearchField } from "../ui/field.tsx";
import { usePages } from "../ui/use_pages.ts";
import { SEARCH_DELAY_MS } from "../ui/use_search.ts";
import { useWords } from "../words/use_words.ts";
import { useOperation } from "./context.ts";
import { PageList } from "./parts.tsx";
import { PersonPage } from "./person.tsx";
import { nameOf, PersonTags } from "./person_tags.tsx";
import { personAddress, type SectionProps } from "./route.ts";
import { useDelayed } from "./use_delayed.ts";

/** Everybody who has an account. */
export function PeopleSection({ route }: SectionProps) {
  return route.id ? <PersonPage id={route.id} /> : <PeopleList />;
}

function PeopleList() {
  const words = useWords();
  const { t } = words;
  const { operators, role } = useOperation();
  const [text, setText] = useState("");
  const query = useDelayed(text.trim(), SEARCH_DELAY_MS);
  const pages = usePages((page) => operators.people(query, page), {
    key: query,
    cursorOf: ({ number }) => number,
  });
  return (
    <>
      <h1>{t("admin.people")}</h1>
      <SearchField
        label={t(role === "administrator" ? "admin.people.find.email" : "admin.people.find")}
        value={text}
        onInput={setText}
      />
      <PageList of={pages} none={t("nothing")}>
        {(person) => (
          <li key={person.id}>
            <a class="item" href={personAddress(person.id)}>
              <Avatar name={nameOf(person)} seed={person.id} picture={person.avatar_url} />
              <span class="item-name">{nameOf(person)}</span>
              <span class="item-text">
                {[
                  `@${person.username}`,
                  person.email,
                  person.last_seen_at && t("room.seen", { when: words.ago(person.last_seen_at) }),
                ].filter(Boolean).join(" · ")}
              </span>
              <span class="item-tags">
                <PersonTags person={person} />
              </span>
            </a>
          </li>
        )}
      </PageList>
    </>
  );
}
