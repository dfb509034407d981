import { displayName } from "parley-client";
import { useState } from "preact/hooks";
import { DeletionForm } from "../account/delete_account.tsx";
import { useSession } from "../core/session.ts";
import { SanctionDialog } from "../moderation/sanction_dialog.tsx";
import { Confirm, Dialog } from "../ui/dialog.tsx";
import { Select } from "../ui/field.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import { useAct, useOperation } from "./context.ts";
import type { OperatorRole, Person } from "./operators.ts";
import { address } from "./route.ts";

type Asked = "warn" | "mute" | "unmute" | "suspend" | "unsuspend" | "role" | "delete";

interface PersonActionsProps {
  person: Person;
  onChanged: () => void;
}

/** What an operator can do to a person. */
export function PersonActions({ person, onChanged }: PersonActionsProps) {
  const { t } = useWords();
  const { me } = useSession();
  const { role } = useOperation();
  const [asked, setAsked] = useState<Asked>();
  const isOther = person.id !== me;
  // Only an administrator acts against operators, and nobody against themselves.
  const mayModerate = isOther && (role === "administrator" || person.role === null);
  const button = (name: Asked, icon: IconName, isSevere = false) => (
    <button
      type="button"
      class={isSevere ? "button small danger" : "button small"}
      onClick={() => setAsked(name)}
    >
      <Icon name={icon} />
      {t(`admin.do.${name}`)}
    </button>
  );
  return (
    <div class="answers">
      {mayModerate && button("warn", "warning")}
      {mayModerate && (person.is_muted ? button("unmute", "bell") : button("mute", "mute", true))}
      {mayModerate && (person.is_suspended ? button("unsuspend", "check") : button("suspend", "stop", true))}
      {role === "administrator" && button("role", "settings")}
      {role === "administrator" && isOther && button("delete", "trash", true)}
      {!mayModerate && <p class="quiet">{t(isOther ? "admin.is.operator" : "admin.is.you")}</p>}
      {asked && (
        <Question
          asked={asked}
          person={person}
          onDone={() => {
            notify(t("queue.done"));
            onChanged();
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}

interface QuestionProps {
  asked: Asked;
  person: Person;
  onDone: () => void;
  onClose: () => void;
}

function Question({ asked, person, onDone, onClose }: QuestionProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const { operators } = useOperation();
  const act = useAct();
  const { moderation } = chat;
  const dialog = { onDone, onClose };
  const action = t(`admin.do.${asked}`);
  const title = t("act.sure", { action, name: displayName(person) });
  const note = t("act.note");
  if (asked === "role") return <RoleDialog person={person} {...dialog} />;
  if (asked === "delete") return <DeleteDialog person={person} {...dialog} />;
  if (asked === "unmute" || asked === "unsuspend") {
    return (
      <Confirm
        question={title}
        action={action}
        onConfirm={async () => {
          if (await act(() => moderation[asked](person.id))) onDone();
        }}
        onClose={onClose}
      />
    );
  }
  const works = {
    warn: ({ reason }: { reason?: string | undefined }) => operators.warn(person.id, reason),
    mute: (sanction: object) => moderation.mute(person.id, sanction),
    suspend: (sanction: object) => moderation.suspend(person.id, sanction),
  };
  return (
    <SanctionDialog
      title={title}
      action={action}
      note={note}
      lasts={asked === "warn" ? undefined : "week"}
      needsReason={asked === "warn"}
      onConfirm={works[asked]}
      {...dialog}
    />
  );
}

type Closing = Pick<QuestionProps, "person" | "onDone" | "onClose">;

/** Makes a person a moderator or an administrator, or takes that back. */
function RoleDialog({ person, onDone, onClose }: Closing) {
  const { t } = useWords();
  const { operators } = useOperation();
  const act = useAct();
  const [role, setRole] = useState<OperatorRole | "none">(person.role ?? "none");
  return (
    <Dialog title={t("admin.role.of", { name: displayName(person) })} onClose={onClose}>
      <form
        class="form"
        onSubmit={async (event) => {
          event.preventDefault();
          if (!await act(() => operators.setRole(person.id, role === "none" ? null : role))) return;
          onDone();
          onClose();
        }}
      >
        <Select
          label={t("admin.role")}
          value={role}
          options={{
            none: t("admin.role.none"),
            moderator: t("admin.role.moderator"),
            administrator: t("admin.role.administrator"),
          }}
          onChange={setRole}
        />
        <p class="quiet">{t(`admin.role.${role}.text`)}</p>
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class="button primary" disabled={role === (person.role ?? "none")}>{t("save")}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** Deletes the account of another person. */
function DeleteDialog({ person, onDone, onClose }: Closing) {
  const { t } = useWords();
  const { operators } = useOperation();
  const act = useAct();
  return (
    <DeletionForm
      title={t("admin.delete.title", { name: displayName(person) })}
      lead={t("admin.delete.lead")}
      erase={t("admin.delete.erase")}
      hints={{ erase: t("admin.delete.erase.hint"), keep: t("admin.delete.keep") }}
      username={person.username}
      onDelete={async (isErased) => {
        if (!await act(() => operators.deleteAccount(person.id, isErased))) return;
        onDone();
        onClose();
        location.hash = address("people");
      }}
      onClose={onClose}
    />
  );
}
