import { useWords } from "../words/use_words.ts";
import type { Person } from "./operators.ts";
import { Tag } from "./parts.tsx";

type Tagged = Pick<Person, "role" | "is_suspended" | "is_muted"> & { open_reports?: number };

/** The role of a person, and what was done to them. */
export function PersonTags({ person }: { person: Tagged }) {
  const { t } = useWords();
  const { role, is_suspended, is_muted, open_reports = 0 } = person;
  return (
    <>
      {role && <Tag tone="good">{t(`admin.role.${role}`)}</Tag>}
      {is_suspended && <Tag tone="danger">{t("admin.is.suspended")}</Tag>}
      {is_muted && <Tag tone="warning">{t("admin.is.muted")}</Tag>}
      {open_reports > 0 && <Tag tone="warning">{t("admin.reports.count", { count: open_reports })}</Tag>}
    </>
  );
}
