import type { JoinRequest } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { Face } from "../../people/face.tsx";
import { useNames, usePeople } from "../../people/use_people.ts";
import { LoadFailure } from "../../ui/load_failure.tsx";
import { attempt } from "../../ui/notices.tsx";
import { useLoading } from "../../ui/use_loading.ts";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";

const PAGE_SIZE = 20;

/** Who asks to join a group, for its admins; nothing if nobody does. */
export function JoinRequests({ roomId }: { roomId: number }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [list, setList] = useState<JoinRequest[]>([]);
  const [hasMore, setHasMore] = useState(false);
  const { isLoading, failure, start } = useLoading();
  const people = usePeople();
  const names = useNames();

  function load(before?: number): void {
    start(() => chat.joinRequests.list(roomId, { limit: PAGE_SIZE, ...(before && { before }) }), (next) => {
      setList((list) => before ? [...list, ...next] : next);
      setHasMore(next.length === PAGE_SIZE);
    });
  }

  useEffect(() => {
    load();
    return chat.joinRequests.onChanged(({ room_id }) => room_id === roomId && load());
  }, [chat, roomId]);

  if (list.length === 0 && !failure) return null;
  return (
    <section aria-label={t("asking")}>
      <h3 class="list-title">{t("asking")}</h3>
      <ul class="items">
        {list.map(({ id, user_id, note }) => {
          const name = names.person(user_id, people.get(user_id)?.username ?? "…");
          const answer = async (work: () => Promise<unknown>) => {
            if (await attempt(work)) setList((list) => list.filter((other) => other.id !== id));
          };
          return (
            <li key={id} class="invitation">
              <div class="row">
                <Face id={user_id} username={people.get(user_id)?.username ?? null} size="small" />
                <span class="item-name">{name}</span>
                <span class="item-text" title={note}>{note}</span>
              </div>
              <div class="buttons">
                <button
                  type="button"
                  class="button small primary"
                  onClick={() => answer(() => chat.joinRequests.accept(roomId, user_id))}
                >
                  {t("asking.accept")}
                  <span class="for-readers">{` ${name}`}</span>
                </button>
                <button
                  type="button"
                  class="button small"
                  onClick={() => answer(() => chat.joinRequests.decline(roomId, user_id))}
                >
                  {t("asking.decline")}
                  <span class="for-readers">{` ${name}`}</span>
                </button>
              </div>
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
          onClick={() => load(list.at(-1)?.id)}
        >
          {t("inbox.more")}
        </button>
      )}
    </section>
  );
}
