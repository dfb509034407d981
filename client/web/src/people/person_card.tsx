import { type Profile, type Status } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { roomPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { useLoading } from "../ui/use_loading.ts";
import { useWords } from "../words/use_words.ts";
import { ask } from "../moderation/asked.ts";
import { attempt } from "../ui/notices.tsx";
import "../words/late.ts";
import { Face } from "./face.tsx";
import { useNames, usePeople } from "./use_people.ts";
import { useWriteTo } from "./use_write_to.ts";

interface CardProps {
  userId: string;
  onClose: () => void;
}

/** What others see of a person, and the groups that both are in. */
export function PersonCard({ userId, onClose }: CardProps) {
  const { t } = useWords();
  const { me } = useSession();
  const people = usePeople();
  const names = useNames();
  const writeTo = useWriteTo();
  const profile = people.get(userId);
  const about = useAbout(userId);
  const isOnline = about.status?.is_online ?? false;
  return (
    <Dialog title={names.person(userId, profile?.username ?? "…")} onClose={onClose}>
      <div class="person">
        <Face id={userId} username={profile?.username ?? null} online={isOnline} size="large" />
        <div>
          {profile && <p>{`@${profile.username}`}</p>}
          <Seen status={about.status} />
        </div>
      </div>
      {profile && <Details profile={profile} />}
      {about.groups && about.groups.length > 0 && (
        <section>
          <h3 class="list-title">{t("person.groups")}</h3>
          <ul class="items short">
            {about.groups.map(({ id, name, member_count, avatar_url }) => (
              <li key={id}>
                <a class="item" href={roomPath(id)} onClick={onClose}>
                  <Avatar name={name} picture={avatar_url} group size="small" />
                  <span class="item-name">{name}</span>
                  <span class="item-text">{t("room.members", { count: member_count })}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      <LoadFailure of={[about.failure]} />
      {about.blocked && <p class="quiet">{t("person.blocked")}</p>}
      {userId !== me && !about.blocked && (
        <button
          type="button"
          class="button primary"
          onClick={async () => {
            if (await writeTo(userId)) onClose();
          }}
        >
          {t("members.write")}
        </button>
      )}
      {userId !== me && about.blocked !== undefined && (
        <button type="button" class="button plain danger" onClick={about.toggleBlock}>
          {t(about.blocked ? "person.unblock" : "person.block")}
        </button>
      )}
      {userId !== me && (
        <button
          type="button"
          class="button plain danger"
          onClick={() => {
            onClose();
            ask({ target: { userId }, name: names.person(userId, profile?.username ?? null) });
          }}
        >
          {t("report")}
        </button>
      )}
    </Dialog>
  );
}

/** Reads what is not in the profile. */
function useAbout(userId: string) {
  const { chat, me } = useSession();
  const { failure, start, cancel } = useLoading();
  const [status, setStatus] = useState<Status>();
  const [groups, setGroups] = useState<Awaited<ReturnType<typeof chat.rooms.shared>>>();
  const [blocked, setBlocked] = useState<boolean>();
  useEffect(() => {
    const load = () =>
      Promise.all([
        chat.status.of([userId]),
        userId === me ? [] : chat.rooms.shared(userId),
        userId !== me && chat.blocks.has(userId),
      ]);
    start(load, ([[status], groups, blocked]) => {
      setStatus(status);
      setGroups(groups);
      setBlocked(blocked);
    });
    return cancel;
  }, [chat, userId]);
  async function toggleBlock(): Promise<void> {
    const { blocks } = chat;
    if (await attempt(() => blocked ? blocks.unblock(userId) : blocks.block(userId))) setBlocked(!blocked);
  }
  return { status, groups, blocked, toggleBlock, failure };
}

function Seen({ status }: { status: Status | undefined }) {
  const words = useWords();
  if (!status) return null;
  const { is_online, last_seen_at } = status;
  return (
    <p class="quiet">{is_online ? words.t("room.online") : words.t("room.seen", { when: words.ago(last_seen_at) })}</p>
  );
}

function Details({ profile: { bio, email } }: { profile: Profile }) {
  return (
    <>
      {bio && <p class="bio">{bio}</p>}
      {email && (
        <p>
          <a href={`mailto:${encodeURIComponent(email).replace("%40", "@")}`}>{email}</a>
        </p>
      )}
    </>
  );
}
