import type { ComponentChildren } from "preact";
import { tabPath } from "../core/route.ts";
import { Avatar } from "../ui/avatar.tsx";
import { useWords } from "../words/use_words.ts";

interface OfferProps {
  group: { name: string; description?: string; avatar_url: string | null; member_count: number };
  /** Why it is shown. */
  lead?: string;
  /** What the user can do, beside the way back. */
  children?: ComponentChildren;
  /** A form, above the way back. */
  form?: ComponentChildren;
}

/** A group that the user is not in, and can join. */
export function GroupOffer({ group, lead, children, form }: OfferProps) {
  const { t } = useWords();
  return (
    <div class="center">
      {lead && <p class="quiet">{lead}</p>}
      <div>
        <Avatar name={group.name} picture={group.avatar_url} group />
      </div>
      <h1>{group.name}</h1>
      {group.description && <p class="quiet">{group.description}</p>}
      <p class="quiet">{t("room.members", { count: group.member_count })}</p>
      {form}
      <div class="buttons">
        <a class="button" href={tabPath("chats")}>{t("back")}</a>
        {children}
      </div>
    </div>
  );
}
