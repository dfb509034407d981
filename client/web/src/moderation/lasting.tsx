import { Select } from "../ui/field.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

const LASTS_MS = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, ever: undefined };

export type Lasting = keyof typeof LASTS_MS;

/** When something ends that begins now; undefined if it does not. */
export function endOf(lasting: Lasting): Date | undefined {
  const ms = LASTS_MS[lasting];
  return ms === undefined ? undefined : new Date(Date.now() + ms);
}

interface LastingFieldProps {
  value: Lasting;
  onChange: (lasting: Lasting) => void;
}

export function LastingField({ value, onChange }: LastingFieldProps) {
  const { t } = useWords();
  const options = {
    hour: t("invites.lasts.hour"),
    day: t("invites.lasts.day"),
    week: t("invites.lasts.week"),
    ever: t("invites.lasts.ever"),
  };
  return <Select label={t("invites.lasts")} value={value} options={options} onChange={onChange} />;
}
