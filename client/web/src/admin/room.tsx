import { displayName } from "parley-client";
import { useState } from "preact/hooks";
import { BanDialog } from "../moderation/ban_dialog.tsx";
import { SanctionDialog } from "../moderation/sanction_dialog.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { notify } from "../ui/notices.tsx";
import { type Page, usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import { AuditList } from "./audit_list.tsx";
import { useAct, useLoaded, useOperation } from "./context.ts";
import { useFormat } from "./format.ts";
import { isOpenToAll, type Room, type RoomMember } from "./operators.ts";
import { Card, Facts, PageList, State } from "./parts.tsx";
import { PersonTags } from "./person_tags.tsx";
import { ReportList } from "./reports.tsx";
import { RoomTags, useRoomName } from "./room_name.tsx";
import { address, personAddress } from "./route.ts";

/** A room: its members, the reports about it, and what was done in it. */
export function RoomPage({ id }: { id: number }) {
  const { t } = useWords();
  const { operators } = useOperation();
  const loaded = useLoaded(async () => await operators.room(id) ?? null);
  const room = loaded.value;
  const [changes, setChanges] = useState(0);
  return (
    <>
      <a class="crumb" href={address("rooms")}>
        <Icon name="back" />
        {t("admin.rooms")}
      </a>
      {!room && <h1>{room === null ? t("admin.room.gone") : t("admin.room.number", { id })}</h1>}
      {!room && <State of={loaded} none="" />}
      {room && (
        <>
          <Known
            room={room}
            onChanged={() => {
              loaded.reload();
              setChanges((changes) => changes + 1);
            }}
          />
          <Members room={room} />
        </>
      )}
      {room !== undefined && (
        <>
          <Reports id={id} />
          <Card
            key={changes}
            title={t("admin.history")}
            actions={<a class="button small" href={address("audit", undefined, { room: id })}>{t("admin.all")}</a>}
          >
            <AuditList filter={{ room_id: String(id) }} size={10} none={t("admin.history.none")} />
          </Card>
        </>
      )}
    </>
  );
}

function Known({ room, onChanged }: { room: Room; onChanged: () => void }) {
  const words = useWords();
  const { t } = words;
  const { number } = useFormat();
  const { role } = useOperation();
  const name = useRoomName()(room);
  const isGroup = room.kind === "group";
  return (
    <>
      <div class="admin-head">
        <Avatar name={name} seed={String(room.id)} picture={room.avatar_url} group={isGroup} size="large" />
        <div>
          <h1>{name}</h1>
          <p class="quiet">{room.description || t("admin.room.number", { id: room.id })}</p>
          <p class="tags">
            <RoomTags room={room} />
          </p>
        </div>
      </div>
      <div class="answers">
        {isGroup && <Lock room={room} name={name} onChanged={onChanged} />}
        {(isOpenToAll(room) || role === "administrator") && (
          <a class="button small" href={address("messages", room.id)}>{t("admin.show.messages")}</a>
        )}
        {!isOpenToAll(room) && role !== "administrator" && <p class="quiet">{t("admin.room.private")}</p>}
      </div>
      <Card title={t("admin.about")}>
        <Facts
          of={[
            room.locked_at !== null && [
              t("admin.is.locked"),
              [words.exact(room.locked_at), room.locked_reason].filter(Boolean).join(": "),
            ],
            isGroup && [t("admin.owner"), words.list(room.usernames) || "–"],
            [t("members"), number(room.member_count)],
            [t("admin.messages"), number(room.message_count)],
            [t("admin.created"), words.exact(room.created_at)],
            [t("admin.last"), room.last_message_at ? words.exact(room.last_message_at) : t("admin.never")],
            [t("admin.id"), `#${room.id}${room.slug ? `, ${room.slug}` : ""}`],
          ]}
        />
      </Card>
    </>
  );
}

interface LockProps {
  room: Room;
  name: string;
  onChanged: () => void;
}

/** Locks a group for all but its admins, and unlocks it. */
function Lock({ room, name, onChanged }: LockProps) {
  const { t } = useWords();
  const { operators } = useOperation();
  const act = useAct();
  const [isAsked, setAsked] = useState(false);
  const action = t(room.locked_at ? "admin.unlock" : "admin.lock");
  const title = t("act.sure", { action, name });
  const onClose = () => setAsked(false);
  const onDone = () => {
    notify(t("queue.done"));
    onChanged();
  };
  return (
    <>
      <button type="button" class="button small" onClick={() => setAsked(true)}>{action}</button>
      {isAsked && (room.locked_at
        ? (
          <Confirm
            question={title}
            action={action}
            onConfirm={async () => {
              if (await act(() => operators.lock(room.id, false))) onDone();
            }}
            onClose={onClose}
          />
        )
        : (
          <SanctionDialog
            title={title}
            action={action}
            note={t("admin.lock.reason")}
            onConfirm={({ reason }) => operators.lock(room.id, true, reason)}
            onDone={onDone}
            onClose={onClose}
          />
        ))}
    </>
  );
}

function Members({ room }: { room: Room }) {
  const { t } = useWords();
  const { operators } = useOperation();
  const pages = usePages((page: Page<string>) => operators.members(room.id, page), {
    size: 20,
    cursorOf: ({ user_id }) => user_id,
  });
  const [banned, setBanned] = useState<RoomMember>();
  return (
    <Card title={t("members")}>
      <PageList of={pages} none={t("admin.members.none")}>
        {(member) => (
          <li key={member.user_id} class="with-button">
            <a class="item" href={personAddress(member.user_id)}>
              <Avatar name={displayName(member)} seed={member.user_id} picture={member.avatar_url} />
              <span class="item-name">{displayName(member)}</span>
              <span class="item-text">{`@${member.username} · ${t(`role.${member.role}`)}`}</span>
              <span class="item-tags">
                <PersonTags person={{ ...member, role: null }} />
              </span>
            </a>
            {room.kind === "group" && (
              <button
                type="button"
                class="button small danger"
                onClick={() => setBanned(member)}
              >
                {t("admin.ban")}
                <span class="for-readers">{` ${displayName(member)}`}</span>
              </button>
            )}
          </li>
        )}
      </PageList>
      {banned && (
        <BanDialog
          about={room}
          userId={banned.user_id}
          name={displayName(banned)}
          onDone={pages.reload}
          onClose={() => setBanned(undefined)}
        />
      )}
    </Card>
  );
}

function Reports({ id }: { id: number }) {
  const { t } = useWords();
  const { operators } = useOperation();
  const pages = usePages((page) => operators.reports({ room_id: id }, page), { size: 10 });
  return (
    <Card title={t("admin.reports.room")}>
      <ReportList of={pages} none={t("admin.reports.room.none")} />
    </Card>
  );
}
