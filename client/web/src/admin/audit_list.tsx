import { usePeople } from "../people/use_people.ts";
import { usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import { useOperation } from "./context.ts";
import type { AuditFilter, AuditRow } from "./operators.ts";
import { PageList, Tag, type Tone } from "./parts.tsx";
import { useNameOfRoom } from "./room_names.ts";
import { personAddress, roomAddress } from "./route.ts";

const TONES: Record<string, Tone> = {
  suspension: "danger",
  account_deleted: "danger",
  room_deleted: "danger",
  message_deleted: "danger",
  room_ban: "danger",
  mute: "warning",
  warning: "warning",
  room_locked: "warning",
  suspension_lifted: "good",
  unmute: "good",
  room_unban: "good",
  room_unlocked: "good",
};

type Json = AuditRow["details"] | null;

interface AuditListProps {
  filter: AuditFilter;
  size?: number;
  none: string;
}

/** What operators did, the latest first. */
export function AuditList({ filter, size = 50, none }: AuditListProps) {
  const { operators } = useOperation();
  const pages = usePages((page) => operators.audit(filter, page), { size, key: JSON.stringify(filter) });
  return (
    <PageList of={pages} none={none} class="admin-list audit">
      {(row) => <AuditItem key={row.id} row={row} />}
    </PageList>
  );
}

function AuditItem({ row }: { row: AuditRow }) {
  const words = useWords();
  const { t } = words;
  const nameOfRoom = useNameOfRoom();
  const { action, actor_id, user_id, room_id, reason, until, details, created_at } = row;
  const changes = changesIn(details);
  return (
    <li class="audit-row">
      <p>
        <Tag tone={TONES[action] ?? "plain"}>{useActionName()(action)}</Tag>
        {user_id && <PersonLink id={user_id} />}
        {room_id !== null && <a href={roomAddress(room_id)}>{nameOfRoom(room_id)}</a>}
      </p>
      {changes && <p class="changes">{changes}</p>}
      {(reason || until) && (
        <p>
          {[reason && `“${reason}”`, until && t("admin.until", { when: words.exact(until) })].filter(Boolean).join(
            ", ",
          )}
        </p>
      )}
      <p class="quiet">
        {actor_id ? <PersonLink id={actor_id} /> : t("admin.actor.none")}
        {" · "}
        <time dateTime={created_at} title={words.exact(created_at)}>{words.exact(created_at)}</time>
      </p>
    </li>
  );
}

/** Returns what to call an action; one that is newer than the page by its own name. */
export function useActionName(): (action: string) => string {
  const words = useWords();
  return (action) => {
    const key = `audit.${action}`;
    return words.has(key) ? words.t(key) : action;
  };
}

/** A person by the name that they have now; by their id if the account is gone. */
export function PersonLink({ id }: { id: string }) {
  const people = usePeople();
  const name = people.nameOf(id, null);
  return <a href={personAddress(id)}>{name ?? id.slice(0, 8)}</a>;
}

/** What was changed, of the details that a person can read. */
function changesIn(details: AuditRow["details"]): string {
  if (details === null || typeof details !== "object" || Array.isArray(details)) return "";
  const { before, after, ...others } = details;
  const named = Object.values(others).filter((value) => value !== null).map(String).join(", ");
  return [named, changeOf(before ?? null, after ?? null)].filter(Boolean).join(": ");
}

function changeOf(before: Json, after: Json): string {
  if (before === null && after === null) return "";
  const isObject = (value: Json) => value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isObject(before) || !isObject(after)) return `${String(before ?? "–")} → ${String(after ?? "–")}`;
  const [old, now] = [before as Record<string, Json>, after as Record<string, Json>];
  return Object.keys(now).filter((name) => old[name] !== now[name])
    .map((name) => `${name} ${old[name]} → ${now[name]}`).join(", ");
}
