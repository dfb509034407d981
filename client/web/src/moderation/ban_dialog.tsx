import type { InboxRoom } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import { endOf, type Lasting, LastingField } from "./lasting.tsx";

interface BanDialogProps {
  about: InboxRoom;
  userId: string;
  name: string;
  onClose: () => void;
}

/** Removes a person from a group, and keeps them out. */
export function BanDialog({ about, userId, name, onClose }: BanDialogProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [reason, setReason] = useState("");
  const [lasting, setLasting] = useState<Lasting>("ever");

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const sanction = { reason: reason.trim(), until: endOf(lasting) };
    if (await attempt(() => chat.moderation.ban(about.id, userId, sanction))) onClose();
  }

  return (
    <Dialog title={t("ban.title", { name })} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <Field
          label={t("act.note")}
          value={reason}
          limit={500}
          autocomplete="off"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        <LastingField value={lasting} onChange={setLasting} />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class="button danger">{t("ban")}</button>
        </div>
      </form>
    </Dialog>
  );
}
