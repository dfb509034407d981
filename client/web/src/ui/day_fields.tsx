import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { Field } from "./field.tsx";

/** The first and the last day of what to find, as in a field for dates; each may be empty. */
export interface Days {
  from: string;
  until: string;
}

/** Midnight at the beginning of a day, here. */
export const startOf = (day: string) => new Date(`${day}T00:00`);

function endOf(day: string): Date {
  const end = startOf(day);
  end.setDate(end.getDate() + 1);
  return end;
}

/** The days as options of a search. */
export const timesOf = ({ from, until }: Days) => ({
  ...(from && { sentAfter: startOf(from) }),
  ...(until && { sentBefore: endOf(until) }),
});

/** Two fields: since which day, and until which. */
export function DayFields({ from, until, onChange }: Days & { onChange: (days: Partial<Days>) => void }) {
  const { t } = useWords();
  return (
    <div class="pair">
      <Field
        type="date"
        label={t("search.from")}
        value={from}
        onInput={({ currentTarget }) => onChange({ from: currentTarget.value })}
      />
      <Field
        type="date"
        label={t("search.until")}
        value={until}
        onInput={({ currentTarget }) => onChange({ until: currentTarget.value })}
      />
    </div>
  );
}
