import type { QueuedReport } from "parley-client";
import { useSession } from "../core/session.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { type Answer, answerWords, isSevere, subjectOf } from "./answers.ts";
import { SanctionDialog } from "./sanction_dialog.tsx";

interface ResolveDialogProps {
  report: QueuedReport;
  answer: Answer;
  onDone: () => void;
  onClose: () => void;
}

/** Asks until when and why, before a report is answered. */
export function ResolveDialog({ report, answer, onDone, onClose }: ResolveDialogProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const action = t(answerWords(report, answer));
  return (
    <SanctionDialog
      title={t("act.sure", { action, name: subjectOf(report) })}
      action={action}
      note={t(answer === "dismiss" ? "act.note.own" : "act.note")}
      lasts={answer === "mute" || answer === "ban_from_room" || answer === "suspend" ? "week" : undefined}
      isSevere={isSevere(answer) || answer === "warn"}
      onConfirm={(sanction) => chat.moderation.resolve(report.id, answer, sanction)}
      onDone={onDone}
      onClose={onClose}
    />
  );
}
