import type { Profile } from "parley-client";
import { useState } from "preact/hooks";
import { go, tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Check, Field } from "../ui/field.tsx";
import { attempt, notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

/** Deletes the user's account, once the username was typed. */
export function DeleteAccount({ me, onClose }: { me: Profile; onClose: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [erase, setErase] = useState(false);
  const [typed, setTyped] = useState("");
  const [isDeleting, setDeleting] = useState(false);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setDeleting(true);
    await attempt(async () => {
      await chat.account.delete({ erase, confirmed: true });
      go(tabPath("chats"), { replace: true }); // the next user must not land on what was open
      notify(t("deletion.done"));
    });
    setDeleting(false);
  }

  return (
    <Dialog title={t("deletion")} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <p>{t("deletion.lead")}</p>
        <Check label={t("deletion.erase")} checked={erase} onChange={setErase} />
        <p class="quiet">{t(erase ? "deletion.erase.hint" : "deletion.keep.hint")}</p>
        <Field
          label={t("deletion.username", { name: me.username })}
          value={typed}
          autocomplete="off"
          onInput={(event) => setTyped(event.currentTarget.value)}
          required
        />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class="button danger" disabled={isDeleting || typed.trim() !== me.username}>
            {t("deletion.do")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
