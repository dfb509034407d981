import type { InboxRoom } from "parley-client";
import { useSession } from "../core/session.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { SanctionDialog } from "./sanction_dialog.tsx";

interface BanDialogProps {
  about: Pick<InboxRoom, "id">;
  userId: string;
  name: string;
  onDone?: () => void;
  onClose: () => void;
}

/** Removes a person from a group, and keeps them out. */
export function BanDialog({ about, userId, name, ...closing }: BanDialogProps) {
  const { t } = useWords();
  const { chat } = useSession();
  return (
    <SanctionDialog
      title={t("ban.title", { name })}
      action={t("ban")}
      note={t("act.note")}
      lasts="ever"
      onConfirm={(sanction) => chat.moderation.ban(about.id, userId, sanction)}
      {...closing}
    />
  );
}
