import type { InboxRoom, Member, Profile, RoomSnapshot } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { PeoplePicker } from "../../inbox/people_picker.tsx";
import { Face } from "../../people/face.tsx";
import { useCard } from "../../people/card.ts";
import { useNames } from "../../people/use_people.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { lazy } from "../../ui/lazy.tsx";
import { MenuButton } from "../../ui/menu.tsx";
import { attempt } from "../../ui/notices.tsx";
import { Panel } from "../../ui/panel.tsx";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";
import { useMemberMenu } from "./member_menu.ts";

const BanDialog = lazy(async () => (await import("../../moderation/ban_dialog.tsx")).BanDialog);
const BansDialog = lazy(async () => (await import("../../moderation/bans_dialog.tsx")).BansDialog);
const JoinRequests = lazy(async () => (await import("./join_requests.tsx")).JoinRequests);
const InviteLinks = lazy(async () => (await import("./invite_links.tsx")).InviteLinks);

interface MembersProps {
  snapshot: RoomSnapshot;
  about: InboxRoom;
  onClose: () => void;
}

/** The members of a group and their roles. */
export function MembersPanel({ snapshot, about, onClose }: MembersProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [heir, setHeir] = useState<Member>();
  const [inviting, setInviting] = useState(false);
  const [banning, setBanning] = useState<Member>();
  const [listsBans, setListsBans] = useState(false);
  const menu = useMemberMenu(about, setHeir, setBanning);
  const names = useNames();
  const openCard = useCard();
  const online = new Set(snapshot.online);
  return (
    <Panel title={t("members")} onClose={onClose}>
      {about.description && <p class="quiet">{about.description}</p>}
      {(about.role !== "member" || about.inviting === "everyone") && (
        <>
          <AddMembers about={about} members={snapshot.members} />
          <button type="button" class="button plain" onClick={() => setInviting(true)}>{t("invites")}</button>
        </>
      )}
      {about.role !== "member" && (
        <button type="button" class="button plain" onClick={() => setListsBans(true)}>{t("bans")}</button>
      )}
      {about.role !== "member" && about.is_public && <JoinRequests roomId={about.id} />}
      <ul class="items">
        {snapshot.members.map((member) => (
          <li key={member.user_id} class="with-button">
            <button type="button" class="item" onClick={() => openCard(member.user_id)}>
              <Face id={member.user_id} username={member.username} online={online.has(member.user_id)} size="small" />
              <span class="item-name">{names.person(member.user_id, member.username)}</span>
              <span class="item-text">{t(`role.${member.role}`)}</span>
            </button>
            <MemberMenu name={names.person(member.user_id, member.username)} items={menu(member)} />
          </li>
        ))}
      </ul>
      {inviting && <InviteLinks about={about} onClose={() => setInviting(false)} />}
      {listsBans && <BansDialog about={about} onClose={() => setListsBans(false)} />}
      {banning && (
        <BanDialog
          about={about}
          userId={banning.user_id}
          name={names.person(banning.user_id, banning.username)}
          onClose={() => setBanning(undefined)}
        />
      )}
      {heir && (
        <Confirm
          question={t("members.owner.sure", { name: names.person(heir.user_id, heir.username) })}
          action={t("members.make", { role: t("role.owner") })}
          onConfirm={() => attempt(() => chat.rooms.setRole(about.id, heir.user_id, "owner", { confirmed: true }))}
          onClose={() => setHeir(undefined)}
        />
      )}
    </Panel>
  );
}

function MemberMenu({ name, items }: { name: string; items: ReturnType<ReturnType<typeof useMemberMenu>> }) {
  const { t } = useWords();
  if (items.length === 0) return null;
  return <MenuButton label={t("members.actions", { name })} items={items} />;
}

function AddMembers({ about, members }: { about: InboxRoom; members: readonly Member[] }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [chosen, setChosen] = useState<Profile[]>([]);

  async function add(): Promise<void> {
    if (await attempt(() => chat.rooms.addMembers(about.id, chosen.map(({ id }) => id)))) setChosen([]);
  }

  return (
    <div class="add-members">
      <PeoplePicker
        label={t("group.people")}
        chosen={chosen}
        onChange={setChosen}
        without={members.map(({ user_id }) => user_id)}
      />
      {chosen.length > 0 && <button type="button" class="button primary" onClick={add}>{t("members.add")}</button>}
    </div>
  );
}
