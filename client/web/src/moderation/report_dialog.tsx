import type { ReportReason, ReportTarget } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Select } from "../ui/field.tsx";
import { attempt, notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

interface ReportDialogProps {
  target: ReportTarget;
  /** The name of the person. */
  name: string;
  onClose: () => void;
}

/** Reports a message or a person to the moderators. */
export function ReportDialog({ target, name, onClose }: ReportDialogProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [reason, setReason] = useState<ReportReason>("spam");
  const [note, setNote] = useState("");

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!await attempt(() => chat.moderation.report(target, reason, note.trim()))) return;
    notify(t("report.sent"));
    onClose();
  }

  return (
    <Dialog
      title={t("messageId" in target ? "report.message" : "report.person", { name })}
      onClose={onClose}
    >
      <form class="form" onSubmit={onSubmit}>
        <p class="quiet">{t("report.lead", { name })}</p>
        <Select
          label={t("report.reason")}
          value={reason}
          options={{
            spam: t("reason.spam"),
            harassment: t("reason.harassment"),
            hate: t("reason.hate"),
            violence: t("reason.violence"),
            sexual: t("reason.sexual"),
            self_harm: t("reason.self_harm"),
            illegal: t("reason.illegal"),
            other: t("reason.other"),
          }}
          onChange={setReason}
        />
        <Field
          label={t("report.note")}
          value={note}
          limit={1000}
          autocomplete="off"
          onInput={(event) => setNote(event.currentTarget.value)}
        />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class="button primary">{t("report")}</button>
        </div>
      </form>
    </Dialog>
  );
}
