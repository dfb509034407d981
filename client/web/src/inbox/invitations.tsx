import type { Invitation } from "parley-client";
import { useEffect } from "preact/hooks";
import { go, roomPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { useNames } from "../people/use_people.ts";
import { Avatar } from "../ui/avatar.tsx";
import { attempt } from "../ui/notices.tsx";
import { PageEnd } from "../ui/page_end.tsx";
import { usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

const PAGE_SIZE = 20;

/** The invitations that the user has not answered, above the list of rooms; nothing if there are none. */
export function Invitations() {
  const { t } = useWords();
  const { chat } = useSession();
  const pages = usePages((page) => chat.invites.list(page), { size: PAGE_SIZE });
  const { items, failure, reload, remove } = pages;

  useEffect(() => chat.invites.onChanged(() => reload()), [chat]);

  async function answer(work: () => Promise<unknown>, invitation: Invitation): Promise<void> {
    if (await attempt(work)) remove(invitation);
  }

  if (!items?.length && !failure) return null;
  return (
    <section aria-label={t("invitations")}>
      <h2 class="list-title">{t("invitations")}</h2>
      <ul class="items">
        {items?.map((invitation) => <Item key={invitation.id} invitation={invitation} onAnswer={answer} />)}
      </ul>
      <PageEnd of={pages} />
    </section>
  );
}

interface ItemProps {
  invitation: Invitation;
  onAnswer: (work: () => Promise<unknown>, invitation: Invitation) => void;
}

function Item({ invitation, onAnswer }: ItemProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const names = useNames();
  const { room_id, name, avatar_url, invited_by, invited_by_username } = invitation;
  const by = invited_by_username !== null &&
    t("invitations.by", { name: names.person(invited_by, invited_by_username) });
  const answers = {
    accept: async () => {
      await chat.invites.accept(room_id);
      go(roomPath(room_id));
    },
    decline: () => chat.invites.decline(room_id),
    ignore: () => chat.invites.ignore(room_id),
  };
  return (
    <li class="invitation">
      <div class="row">
        <Avatar name={name} picture={avatar_url} group size="small" />
        <span class="item-name">{name}</span>
        <span class="item-text">{by || t("invitations.unknown")}</span>
      </div>
      <div class="buttons">
        {(["accept", "decline", "ignore"] as const).map((way) => (
          <button
            key={way}
            type="button"
            class={way === "accept" ? "button small primary" : "button small"}
            title={way === "ignore" ? t("invitations.ignore.hint") : undefined}
            onClick={() => onAnswer(answers[way], invitation)}
          >
            {t(`invitations.${way}`)}
            <span class="for-readers">{` ${name}`}</span>
          </button>
        ))}
      </div>
    </li>
  );
}
