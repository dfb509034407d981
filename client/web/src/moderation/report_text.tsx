import type { QueuedReport } from "parley-client";
import { useNames } from "../people/use_people.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { answerWords, subjectOf } from "./answers.ts";

/** What a report is about, as it was when it was reported, by whom and why, and what was done. */
export function ReportText({ report }: { report: QueuedReport }) {
  const words = useWords();
  const { t } = words;
  const names = useNames();
  const { snapshot, note, reason, reporter_id, action } = report;
  const by = reason === "word_rule" ? t("reason.word_rule") : t("queue.by", {
    reason: t(`reason.${reason}`),
    name: names.person(reporter_id, null),
  });
  const files = snapshot.message?.attachments.map(({ name }) => name).join(", ");
  return (
    <div class="report">
      <p>
        <strong>{subjectOf(report)}</strong>
        <small class="quiet">
          {[snapshot.message && snapshot.room?.name, words.moment(report.created_at)].filter(Boolean).join(", ")}
        </small>
      </p>
      {snapshot.message?.held && <p>{t("queue.held")}</p>}
      {snapshot.message && <blockquote>{snapshot.message.content || files}</blockquote>}
      {snapshot.message?.edits.map(({ content }) => (
        <p key={content} class="quiet">{t("queue.before", { text: content })}</p>
      ))}
      <p class="quiet">
        {[by, reason === "word_rule" || note === "" ? note : `“${note}”`].filter(Boolean).join(": ")}
      </p>
      {action && <p class="quiet">{t(answerWords(report, action))}</p>}
    </div>
  );
}
