import type { InboxRoom } from "parley-client";
import { useState } from "preact/hooks";
import { LIMITS } from "../core/limits.ts";
import { useSession } from "../core/session.ts";
import { PictureChooser } from "../files/picture_chooser.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Check, Field, Select } from "../ui/field.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

/** How long members can be made to wait between two messages, in seconds. */
const WAITS_S = [5, 10, 30, 60, 300, 900, 3600];

/** The picture, name and description of a group, whether anyone can join, and what members may do. */
export function GroupSettings({ about, onClose }: { about: InboxRoom; onClose: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [isPublic, setIsPublic] = useState(about.is_public);
  const [wait, setWait] = useState(String(about.slow_mode_seconds));
  const [switches, setSwitches] = useState({
    posting: about.posting,
    inviting: about.inviting,
    pinning: about.pinning,
  });
  const [joining, setJoining] = useState(about.joining);
  const [locked, setLocked] = useState(about.locked_at !== null);
  const nameOf = (seconds: number) =>
    seconds % 60 === 0 ? t("slow.minutes", { count: seconds / 60 }) : t("slow.seconds", { count: seconds });
  const named = [...WAITS_S, about.slow_mode_seconds].filter((seconds) => seconds > 0)
    .map((seconds) => [String(seconds), nameOf(seconds)]);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [name, description] = [String(form.get("name")).trim(), String(form.get("description")).trim()];
    const lockedReason = String(form.get("reason") ?? "").trim();
    const change = {
      name,
      description,
      isPublic,
      slowModeSeconds: Number(wait),
      ...switches,
      joining,
      locked,
      lockedReason,
    };
    if (await attempt(() => chat.rooms.update(about.id, change))) onClose();
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
        {isPublic && (
          <Check
            label={t("group.joining")}
            checked={joining === "request"}
            onChange={(asks) => setJoining(asks ? "request" : "open")}
          />
        )}
        <Select
          label={t("group.slow")}
          value={wait}
          options={{ 0: t("slow.none"), ...Object.fromEntries(named) }}
          onChange={setWait}
        />
        {(["posting", "inviting", "pinning"] as const).map((name) => (
          <Select
            key={name}
            label={t(`group.${name}`)}
            value={switches[name]}
            options={{ everyone: t("who.everyone"), admins: t("who.admins") }}
            onChange={(who) => setSwitches({ ...switches, [name]: who })}
          />
        ))}
        <Check label={t("group.locked")} checked={locked} onChange={setLocked} />
        {locked && (
          <Field
            label={t("group.reason")}
            name="reason"
            defaultValue={about.locked_reason ?? ""}
            limit={LIMITS.lockedReason}
          />
        )}
        <button type="submit" class="button primary">{t("save")}</button>
      </form>
    </Dialog>
  );
}
