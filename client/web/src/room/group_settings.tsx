import type { InboxRoom } from "parley-client";
import { useState } from "preact/hooks";
import { LIMITS } from "../core/limits.ts";
import { useSession } from "../core/session.ts";
import { PictureChooser } from "../files/picture_chooser.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Check, Field } from "../ui/field.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";

/** The picture, name and description of a group, and whether anyone can join. */
export function GroupSettings({ about, onClose }: { about: InboxRoom; onClose: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [isPublic, setIsPublic] = useState(about.is_public);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [name, description] = [String(form.get("name")).trim(), String(form.get("description")).trim()];
    if (await attempt(() => chat.rooms.update(about.id, { name, description, isPublic }))) onClose();
  }

  return (
    <Dialog title={t("room.settings")} onClose={onClose}>
      <PictureChooser
        name={about.name}
        picture={about.avatar_url}
        group
        onChosen={(picture) => chat.rooms.setPicture(about.id, picture)}
      />
      <form class="form" onSubmit={onSubmit}>
        <Field
          label={t("group.name")}
          name="name"
          defaultValue={about.name}
          pattern=".*\S.*"
          limit={LIMITS.roomName}
          required
        />
        <Field
          label={t("group.description")}
          name="description"
          defaultValue={about.description}
          limit={LIMITS.roomDescription}
        />
        <Check label={t("group.public")} checked={isPublic} onChange={setIsPublic} />
        <button type="submit" class="button primary">{t("save")}</button>
      </form>
    </Dialog>
  );
}
