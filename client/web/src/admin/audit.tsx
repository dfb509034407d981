import { useState } from "preact/hooks";
import { Field } from "../ui/field.tsx";
import { useWords } from "../words/use_words.ts";
import { AuditList, PersonLink, useActionName } from "./audit_list.tsx";
import { useAct, useOperation } from "./context.ts";
import type { AuditFilter } from "./operators.ts";
import { useNameOfRoom } from "./room_names.ts";
import { address, parse, type SectionProps } from "./route.ts";

const ACTIONS = [
  "warning",
  "mute",
  "unmute",
  "suspension",
  "suspension_lifted",
  "room_ban",
  "room_unban",
  "room_locked",
  "room_unlocked",
  "room_deleted",
  "message_deleted",
  "messages_read",
  "called_as",
  "dismissed",
  "role_changed",
  "operator_role_changed",
  "account_deleted",
  "account_exported",
  "limit_changed",
  "retention_changed",
  "word_rule_added",
  "word_rule_changed",
  "word_rule_removed",
];

/** Who did what to whom, and when. */
export function AuditSection({ route }: SectionProps) {
  const { t } = useWords();
  const actionName = useActionName();
  const nameOfRoom = useNameOfRoom();
  const given = (name: string) => route.query.get(name) ?? undefined;
  const filter = { actor: given("actor"), action: given("action"), user: given("user"), room: given("room") };
  const wanted: AuditFilter = {
    ...(filter.actor && { actor_id: filter.actor }),
    ...(filter.action && { action: filter.action }),
    ...(filter.user && { user_id: filter.user }),
    ...(filter.room && /^\d{1,15}$/.test(filter.room) && { room_id: filter.room }),
  };
  // From the address: another filter may have changed while a person was looked for.
  const change = (values: Partial<typeof filter>) => {
    const now = Object.fromEntries(parse(location.hash).query);
    location.hash = address("audit", undefined, { ...now, ...values });
  };
  return (
    <>
      <h1>{t("admin.audit")}</h1>
      <div class="filters-row">
        <label class="select">
          <span>{t("admin.audit.action")}</span>
          <select value={filter.action ?? ""} onChange={(event) => change({ action: event.currentTarget.value })}>
            <option value="">{t("admin.audit.any")}</option>
            {ACTIONS.map((action) => <option key={action} value={action}>{actionName(action)}</option>)}
          </select>
        </label>
        <PersonFilter label={t("admin.audit.actor")} id={filter.actor} onChange={(actor) => change({ actor })} />
        <PersonFilter label={t("admin.audit.user")} id={filter.user} onChange={(user) => change({ user })} />
        {filter.room && (
          <p class="chosen">
            <span>{wanted.room_id ? nameOfRoom(Number(wanted.room_id)) : filter.room}</span>
            <button type="button" class="link" onClick={() => change({ room: undefined })}>{t("admin.remove")}</button>
          </p>
        )}
      </div>
      <AuditList filter={wanted} none={t("admin.audit.none")} />
    </>
  );
}

interface PersonFilterProps {
  label: string;
  /** Whom the list is narrowed to. */
  id: string | undefined;
  onChange: (id: string | undefined) => void;
}

/** Narrows a list to a person, by their username. */
function PersonFilter({ label, id, onChange }: PersonFilterProps) {
  const { t } = useWords();
  const { operators } = useOperation();
  const act = useAct();
  const [text, setText] = useState("");
  const [isUnknown, setUnknown] = useState(false);
  if (id) {
    return (
      <p class="chosen">
        <span class="quiet">{label}</span>
        <PersonLink id={id} />
        <button type="button" class="link" onClick={() => onChange(undefined)}>
          {t("admin.remove")}
          <span class="for-readers">{` ${label}`}</span>
        </button>
      </p>
    );
  }

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const wanted = text.trim().replace(/^@/, "");
    if (!wanted) return;
    await act(async () => {
      const found = await operators.people(wanted, { limit: 50 });
      const person = found.find(({ username }) => username.toLowerCase() === wanted.toLowerCase()) ??
        (found.length === 1 ? found[0] : undefined);
      setUnknown(!person);
      if (person) onChange(person.id);
    });
  }

  return (
    <form onSubmit={onSubmit}>
      <Field
        label={label}
        value={text}
        autocomplete="off"
        hint={isUnknown ? t("admin.audit.unknown") : t("admin.audit.username")}
        wrong={isUnknown}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setUnknown(false);
        }}
      />
    </form>
  );
}
