import { displayName } from "parley-client";
import { useState } from "preact/hooks";
import { BanDialog } from "../moderation/ban_dialog.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Icon } from "../ui/icon.tsx";
import { usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import { AuditList } from "./audit_list.tsx";
import { type Loaded, useLoaded, useOperation } from "./context.ts";
import type { Person, PersonRoom } from "./operators.ts";
import { Card, Facts, PageList, State } from "./parts.tsx";
import { PersonTags } from "./person_tags.tsx";
import { PersonActions } from "./person_actions.tsx";
import { ReportList } from "./reports.tsx";
import { address, roomAddress } from "./route.ts";
import { RoomName, useRoomName } from "./room_name.tsx";

/** A person: what is known of them, what they did and what was done to them. */
export function PersonPage({ id }: { id: string }) {
  const { t } = useWords();
  const { operators } = useOperation();
  const loaded = useLoaded(async () => await operators.person(id) ?? null);
  const person = loaded.value;
  const [changes, setChanges] = useState(0);
  return (
    <>
      <a class="crumb" href={address("people")}>
        <Icon name="back" />
        {t("admin.people")}
      </a>
      {!person && <h1>{loaded.value === null ? t("admin.person.gone") : t("admin.person")}</h1>}
      {!person && <State of={loaded as Loaded<unknown>} none="" />}
      {person && (
        <Known
          person={person}
          onChanged={() => {
            loaded.reload();
            setChanges((changes) => changes + 1);
          }}
        />
      )}
      {loaded.value !== undefined && (
        <>
          {person && <Rooms person={person} />}
          <Reports id={id} key={changes} />
        </>
      )}
      {loaded.value !== undefined && <History id={id} key={`history ${changes}`} />}
    </>
  );
}

function Known({ person, onChanged }: { person: Person; onChanged: () => void }) {
  const words = useWords();
  const { t } = words;
  const end = (until: string | null, reason: string | null) =>
    [until ? t("admin.until", { when: words.exact(until) }) : t("admin.no.end"), reason && `“${reason}”`].filter(
      Boolean,
    ).join(", ");
  return (
    <>
      <div class="admin-head">
        <Avatar name={displayName(person)} seed={person.id} picture={person.avatar_url} size="large" />
        <div>
          <h1>{displayName(person)}</h1>
          <p class="quiet">{`@${person.username}`}</p>
          <p class="tags">
            <PersonTags person={person} />
          </p>
        </div>
      </div>
      <PersonActions person={person} onChanged={onChanged} />
      <Card title={t("admin.about")}>
        <Facts
          of={[
            person.is_suspended && [
              t("admin.is.suspended"),
              end(person.suspended_until, person.suspension_reason),
            ],
            person.is_muted && [t("admin.is.muted"), end(person.muted_until, person.mute_reason)],
            [t("account.email"), person.email],
            [t("admin.created"), words.exact(person.created_at)],
            [t("admin.seen"), person.last_seen_at ? words.exact(person.last_seen_at) : t("admin.never")],
            [t("admin.rooms"), person.room_count],
            [t("admin.id"), <code key="id">{person.id}</code>],
          ]}
        />
      </Card>
    </>
  );
}

function Rooms({ person }: { person: Person }) {
  const { t } = useWords();
  const { operators, role } = useOperation();
  const roomName = useRoomName();
  // A report about the person is the reason to read what they wrote.
  const reports = useLoaded(() => operators.reports({ user_id: person.id }, { limit: 50 }));
  const report = reports.value?.find(({ kind, state }) => kind === "user" && state === "open")?.id;
  const pages = usePages((page) => operators.roomsOf(person.id, page), { size: 10 });
  const [banned, setBanned] = useState<PersonRoom>();
  return (
    <Card title={t("admin.their.rooms")}>
      <PageList of={pages} none={t("admin.no.rooms")}>
        {(room) => (
          <li key={room.id} class="with-button">
            <a class="item" href={roomAddress(room.id)}>
              <RoomName room={room} />
              <span class="item-text">
                {[t(`role.${room.role}`), t("room.members", { count: room.member_count })].join(" · ")}
              </span>
            </a>
            {(room.is_public || report || role === "administrator") && (
              <a class="button small" href={address("messages", room.id, { user: person.id, report })}>
                {t("admin.messages")}
                <span class="for-readers">{` ${roomName(room)}`}</span>
              </a>
            )}
            {room.kind === "group" && (
              <button type="button" class="button small danger" onClick={() => setBanned(room)}>
                {t("admin.ban")}
                <span class="for-readers">{` ${roomName(room)}`}</span>
              </button>
            )}
          </li>
        )}
      </PageList>
      {banned && (
        <BanDialog
          about={banned}
          userId={person.id}
          name={displayName(person)}
          onDone={pages.reload}
          onClose={() => setBanned(undefined)}
        />
      )}
    </Card>
  );
}

function Reports({ id }: { id: string }) {
  const { t } = useWords();
  const { operators } = useOperation();
  const pages = usePages((page) => operators.reports({ user_id: id }, page), { size: 10 });
  return (
    <Card title={t("admin.reports.against")}>
      <ReportList of={pages} none={t("admin.reports.against.none")} />
    </Card>
  );
}

/** What was done to the person. */
function History({ id }: { id: string }) {
  const { t } = useWords();
  return (
    <Card
      title={t("admin.history")}
      actions={<a class="button small" href={address("audit", undefined, { user: id })}>{t("admin.all")}</a>}
    >
      <AuditList filter={{ user_id: id }} size={10} none={t("admin.history.none")} />
    </Card>
  );
}
