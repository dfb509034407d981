import type { Profile } from "parley-client";
import { useState } from "preact/hooks";
import { LIMITS } from "../core/limits.ts";
import { go, roomPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Check, Field } from "../ui/field.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { PeoplePicker } from "./people_picker.tsx";

/** Creates a group. */
export function GroupDialog({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const { chat, me } = useSession();
  const [people, setPeople] = useState<Profile[]>([]);
  const [isPublic, setIsPublic] = useState(false);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [name, description] = [String(form.get("name")).trim(), String(form.get("description")).trim()];
    const memberIds = people.map(({ id }) => id);
    await attempt(async () => {
      const { id } = await chat.rooms.createGroup({ name, description, memberIds, isPublic });
      onClose();
      go(roomPath(id));
    });
  }

  return (
    <Dialog title={t("group.new")} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <Field
          label={t("group.name")}
          name="name"
          pattern=".*\S.*"
          limit={LIMITS.roomName}
          autocomplete="off"
          required
        />
        <Field label={t("group.description")} name="description" limit={LIMITS.roomDescription} autocomplete="off" />
        <PeoplePicker label={t("group.people")} chosen={people} onChange={setPeople} without={[me]} />
        <Check label={t("group.public")} checked={isPublic} onChange={setIsPublic} />
        <button type="submit" class="button primary">{t("group.make")}</button>
      </form>
    </Dialog>
  );
}
