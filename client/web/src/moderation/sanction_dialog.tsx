import type { Sanction } from "parley-client";
import { useState } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { endOf, type Lasting, LastingField } from "./lasting.tsx";

interface SanctionDialogProps {
  title: string;
  /** The label of the button. */
  action: string;
  /** The label of the reason. */
  note: string;
  /** How long it lasts unless another time is chosen; without it there is no end to choose. */
  lasts?: Lasting | undefined;
  isSevere?: boolean;
  /** Whether a reason must be given. */
  needsReason?: boolean;
  onConfirm: (sanction: Sanction) => Promise<unknown>;
  /** Called when it was done. */
  onDone?: () => void;
  onClose: () => void;
}

/** Asks why and until when, before something is done to a person or a room. It stays open when that fails. */
export function SanctionDialog(
  { title, action, note, lasts, isSevere = true, needsReason = false, onConfirm, onDone, onClose }: SanctionDialogProps,
) {
  const { t } = useWords();
  const [reason, setReason] = useState("");
  const [lasting, setLasting] = useState(lasts);
  const [isBusy, setBusy] = useState(false);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const sanction = { reason: reason.trim(), ...(lasting && { until: endOf(lasting) }) };
    const isDone = await attempt(() => onConfirm(sanction));
    setBusy(false);
    if (!isDone) return;
    onDone?.();
    onClose();
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <Field
          label={note}
          value={reason}
          limit={500}
          autocomplete="off"
          required={needsReason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        {lasting && <LastingField value={lasting} onChange={setLasting} />}
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class={isSevere ? "button danger" : "button primary"} disabled={isBusy}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
