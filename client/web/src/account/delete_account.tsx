import type { Profile } from "parley-client";
import { useState } from "preact/hooks";
import { go, tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Check, Field } from "../ui/field.tsx";
import { attempt, notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

/** Deletes the user's account. */
export function DeleteAccount({ me, onClose }: { me: Profile; onClose: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  return (
    <DeletionForm
      title={t("deletion")}
      lead={t("deletion.lead")}
      erase={t("deletion.erase")}
      hints={{ erase: t("deletion.erase.hint"), keep: t("deletion.keep.hint") }}
      username={me.username}
      onDelete={async (erase) => {
        await attempt(async () => {
          await chat.account.delete({ erase, confirmed: true });
          go(tabPath("chats"), { replace: true }); // the next user must not land on what was open
          notify(t("deletion.done"));
        });
      }}
      onClose={onClose}
    />
  );
}

interface DeletionFormProps {
  title: string;
  lead: string;
  /** The label of the choice to erase what the person wrote. */
  erase: string;
  /** What erasing means, and what happens otherwise. */
  hints: { erase: string; keep: string };
  username: string;
  onDelete: (isErased: boolean) => Promise<void>;
  onClose: () => void;
}

/** Asks how to delete an account, and deletes it once the username was typed. */
export function DeletionForm({ title, lead, erase, hints, username, onDelete, onClose }: DeletionFormProps) {
  const { t } = useWords();
  const [isErased, setErased] = useState(false);
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    await onDelete(isErased);
    setBusy(false);
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <p>{lead}</p>
        <Check label={erase} checked={isErased} onChange={setErased} />
        <p class="quiet">{isErased ? hints.erase : hints.keep}</p>
        <Field
          label={t("deletion.username", { name: username })}
          value={typed}
          autocomplete="off"
          onInput={(event) => setTyped(event.currentTarget.value)}
          required
        />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class="button danger" disabled={isBusy || typed.trim() !== username}>
            {t("deletion.do")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
