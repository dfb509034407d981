import { useEffect, useState } from "preact/hooks";
import { go, roomPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { attempt } from "../ui/notices.tsx";
import { useLoading } from "../ui/use_loading.ts";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

type PublicRoom = Awaited<ReturnType<ReturnType<typeof useSession>["chat"]["rooms"]["listPublic"]>>[number];

const PAGE_SIZE = 50;

/** The groups that anyone can join. */
export function PublicGroups({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const mine = new Set(useStore(chat.rooms).rooms.map(({ id }) => id));
  const [groups, setGroups] = useState<PublicRoom[]>();
  const [hasMore, setHasMore] = useState(false);
  const { isLoading, failure, start } = useLoading();

  function load(before?: number): void {
    start(() => chat.rooms.listPublic({ limit: PAGE_SIZE, ...(before && { before }) }), (next) => {
      setGroups((groups = []) => [...groups, ...next]);
      setHasMore(next.length === PAGE_SIZE);
    });
  }

  async function enter({ id, joining }: PublicRoom): Promise<void> {
    await attempt(async () => {
      // A group that wants to be asked is asked on its page.
      if (!mine.has(id) && joining !== "request") await chat.rooms.join(id);
      onClose();
      go(roomPath(id));
    });
  }

  useEffect(() => load(), []);
  return (
    <Dialog title={t("groups.public")} onClose={onClose}>
      <p class="quiet" role="status">{isLoading ? t("loading") : groups?.length === 0 ? t("groups.none") : ""}</p>
      <ul class="items tall">
        {groups?.map((group) => {
          const { id, name, description, member_count, avatar_url, joining } = group;
          return (
            <li key={id} class="row">
              <Avatar name={name} picture={avatar_url} group />
              <span class="item-name">{name}</span>
              <span class="item-text">{description || t("room.members", { count: member_count })}</span>
              <button type="button" class="button small" onClick={() => enter(group)}>
                {t(mine.has(id) ? "groups.open" : joining === "request" ? "asking.ask" : "groups.join")}
                <span class="for-readers">{` ${name}`}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <LoadFailure of={[failure]} />
      {hasMore && !failure && (
        <button
          type="button"
          class="button plain"
          disabled={isLoading}
          onClick={() => load(groups?.at(-1)?.id)}
        >
          {t("inbox.more")}
        </button>
      )}
    </Dialog>
  );
}
