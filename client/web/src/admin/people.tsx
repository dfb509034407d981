import { displayName } from "parley-client";
import { useState } from "preact/hooks";
import { Face } from "../people/face.tsx";
import { useNames } from "../people/use_people.ts";
import { Avatar } from "../ui/avatar.tsx";
import { SearchField } from "../ui/search_field.tsx";
import { usePages } from "../ui/use_pages.ts";
import { SEARCH_DELAY_MS } from "../ui/use_search.ts";
import { useWords } from "../words/use_words.ts";
import { useLoaded, useOperation } from "./context.ts";
import { PageList, State, Tag } from "./parts.tsx";
import { PersonPage } from "./person.tsx";
import { PersonTags } from "./person_tags.tsx";
import { address, personAddress, type SectionProps } from "./route.ts";
import { Tabs } from "./tabs.tsx";
import { useDelayed } from "./use_delayed.ts";

/** The part of the section that lists operators. */
const OPERATORS = "operators";

/** Everybody who has an account. */
export function PeopleSection({ route }: SectionProps) {
  const { t } = useWords();
  const { role } = useOperation();
  const isOperators = route.id === OPERATORS;
  if (route.id && !isOperators) return <PersonPage id={route.id} />;
  return (
    <>
      <h1>{t("admin.people")}</h1>
      {role === "administrator" && (
        <Tabs
          label={t("queue.state")}
          current={isOperators ? OPERATORS : "all"}
          tabs={[
            { name: "all", label: t("admin.people.all"), href: address("people") },
            { name: OPERATORS, label: t("admin.people.operators"), href: address("people", OPERATORS) },
          ]}
        />
      )}
      {isOperators ? <OperatorList /> : <PeopleList />}
    </>
  );
}

/** Who moderates, and who administers. */
function OperatorList() {
  const words = useWords();
  const { t } = words;
  const { operators } = useOperation();
  const names = useNames();
  const loaded = useLoaded(operators.operators);
  return (
    <>
      <State of={loaded} none={t("nothing")} />
      <ul class="admin-list">
        {loaded.value?.map(({ user_id, username, email, role, since }) => (
          <li key={user_id}>
            <a class="item" href={personAddress(user_id)}>
              <Face id={user_id} username={username} />
              <span class="item-name">{names.person(user_id, username)}</span>
              <span class="item-text">
                {[`@${username}`, email, t("admin.since", { when: words.exact(since) })].filter(Boolean).join(" · ")}
              </span>
              <span class="item-tags">
                <Tag tone="good">{t(`admin.role.${role}`)}</Tag>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
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
      <SearchField
        label={t(role === "administrator" ? "admin.people.find.email" : "admin.people.find")}
        value={text}
        onInput={setText}
      />
      <PageList of={pages} none={t("nothing")}>
        {(person) => (
          <li key={person.id}>
            <a class="item" href={personAddress(person.id)}>
              <Avatar name={displayName(person)} seed={person.id} picture={person.avatar_url} />
              <span class="item-name">{displayName(person)}</span>
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
