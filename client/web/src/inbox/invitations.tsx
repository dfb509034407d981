import type { Invitation } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { go, roomPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { useNames } from "../people/use_people.ts";
import { Avatar } from "../ui/avatar.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { attempt } from "../ui/notices.tsx";
import { useLoading } from "../ui/use_loading.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

const PAGE_SIZE = 20;

/** The invitations that the user has not answered, above the list of rooms; nothing if there are none. */
export function Invitations() {
  const { t } = useWords();
  const { chat } = useSession();
  const [list, setList] = useState<Invitation[]>([]);
  const [hasMore, setHasMore] = useState(false);
  const { isLoading, failure, start } = useLoading();

  function load(before?: number): void {
    start(() => chat.invites.list({ limit: PAGE_SIZE, ...(before && { before }) }), (next) => {
      setList((list) => before ? [...list, ...next] : next);
      setHasMore(next.length === PAGE_SIZE);
    });
  }

  useEffect(() => {
    load();
    return chat.invites.onChanged(() => load());
  }, [chat]);

  async function answer(work: () => Promise<unknown>, id: number): Promise<void> {
    if (await attempt(work)) setList((list) => list.filter((other) => other.id !== id));
  }

  if (list.length === 0 && !failure) return null;
  return (
    <section aria-label={t("invitations")}>
      <h2 class="list-title">{t("invitations")}</h2>
      <ul class="items">
        {list.map((invitation) => <Item key={invitation.id} invitation={invitation} onAnswer={answer} />)}
      </ul>
      <LoadFailure of={[failure]} />
      {hasMore && !failure && (
        <button
          type="button"
          class="button plain"
          disabled={isLoading}
          onClick={() => load(list.at(-1)?.id)}
        >
          {t("inbox.more")}
        </button>
      )}
    </section>
  );
}

interface ItemProps {
  invitation: Invitation;
  onAnswer: (work: () => Promise<unknown>, id: number) => void;
}

function Item({ invitation, onAnswer }: ItemProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const names = useNames();
  const { id, room_id, name, avatar_url, invited_by, invited_by_username } = invitation;
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
            onClick={() => onAnswer(answers[way], id)}
          >
            {t(`invitations.${way}`)}
            <span class="for-readers">{` ${name}`}</span>
          </button>
        ))}
      </div>
    </li>
  );
}
