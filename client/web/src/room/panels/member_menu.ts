import type { InboxRoom, Member, Role } from "parley-client";
import { useSession } from "../../core/session.ts";
import { useWriteTo } from "../../people/use_write_to.ts";
import type { MenuItem } from "../../ui/menu.tsx";
import { attempt } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";

const ROLES: Role[] = ["owner", "admin", "member"];

/**
 * Returns the actions that the user may take on a member of a group; the database checks them again.
 * @param onOwner asks whether to make a member the owner
 * @param onBan asks until when and why to ban a member
 */
export function useMemberMenu(
  about: InboxRoom,
  onOwner: (member: Member) => void,
  onBan: (member: Member) => void,
): (member: Member) => MenuItem[] {
  const { t } = useWords();
  const { chat, me } = useSession();

  const writeTo = useWriteTo();

  return (member) => {
    if (member.user_id === me) return [];
    const items: MenuItem[] = [{ label: t("members.write"), icon: "reply", action: () => writeTo(member.user_id) }];
    if (about.role === "owner") {
      for (const role of ROLES.filter((role) => role !== member.role)) {
        items.push({
          label: t("members.make", { role: t(`role.${role}`) }),
          icon: "user",
          action: () =>
            role === "owner" ? onOwner(member) : attempt(() => chat.rooms.setRole(about.id, member.user_id, role)),
        });
      }
    }
    if (about.role === "owner" || about.role === "admin" && member.role === "member") {
      items.push({
        label: t("members.remove"),
        icon: "leave",
        danger: true,
        action: () => attempt(() => chat.rooms.removeMember(about.id, member.user_id)),
      }, { label: t("ban"), icon: "close", danger: true, action: () => onBan(member) });
    }
    return items;
  };
}
