import type { SearchOptions } from "parley-client";
import { useNames } from "../../people/use_people.ts";
import { useStore } from "../../ui/use_store.ts";
import { DayFields, type Days, startOf, timesOf } from "../../ui/day_fields.tsx";
import { Select } from "../../ui/field.tsx";
import { attempt } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";
import type { RoomActions } from "../messages/room_actions.ts";

/** What narrows a search of a room: the id of a member, what messages have, and days. */
export interface Filters extends Days {
  senderId: string;
  has: "" | "mention" | NonNullable<SearchOptions["has"]>;
}

export const NO_FILTERS: Filters = { senderId: "", from: "", until: "", has: "" };

/** The filters as options of a search. */
export const asOptions = ({ senderId, has, ...days }: Filters): SearchOptions => ({
  ...(senderId && { senderId }),
  ...timesOf(days),
  ...(has === "mention" ? { mentionsMe: true } : has && { has }),
});

interface Props {
  actions: RoomActions;
  filters: Filters;
  onChange: (filters: Filters) => void;
}

/** Who has written the messages to find, what they have, and when. */
export function SearchFilters({ actions, filters, onChange }: Props) {
  const { t } = useWords();
  const { members } = useStore(actions.room);
  const { person } = useNames();
  const names = members.map(({ user_id, username }) => [user_id, person(user_id, username)]).sort((
    [, one],
    [, other],
  ) => one!.localeCompare(other!));

  async function showDay(): Promise<void> {
    await attempt(async () => {
      const seq = await actions.room.loadAt(startOf(filters.from));
      if (seq !== undefined) actions.jump(seq);
    });
  }

  return (
    <details class="filters">
      <summary>{t("search.filters")}</summary>
      <div class="form">
        <Select
          label={t("search.sender")}
          value={filters.senderId}
          options={Object.fromEntries([["", t("search.anybody")], ...names])}
          onChange={(senderId) => onChange({ ...filters, senderId })}
        />
        <Select
          label={t("search.has")}
          value={filters.has}
          options={{
            "": t("search.anything"),
            mention: t("search.mention"),
            file: t("search.file"),
            image: t("search.image"),
            video: t("search.video"),
            audio: t("search.audio"),
            link: t("search.link"),
          }}
          onChange={(has) => onChange({ ...filters, has })}
        />
        <DayFields
          from={filters.from}
          until={filters.until}
          onChange={(days) => onChange({ ...filters, ...days })}
        />
        {filters.from && <button type="button" class="button" onClick={showDay}>{t("search.day")}</button>}
      </div>
    </details>
  );
}
