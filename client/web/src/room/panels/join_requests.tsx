import { useEffect } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { Face } from "../../people/face.tsx";
import { useNames, usePeople } from "../../people/use_people.ts";
import { attempt } from "../../ui/notices.tsx";
import { PageEnd } from "../../ui/page_end.tsx";
import { usePages } from "../../ui/use_pages.ts";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";

const PAGE_SIZE = 20;

/** Who asks to join a group, for its admins; nothing if nobody does. */
export function JoinRequests({ roomId }: { roomId: number }) {
  const { t } = useWords();
  const { chat } = useSession();
  const pages = usePages((page) => chat.joinRequests.list(roomId, page), { size: PAGE_SIZE, key: roomId });
  const { items, failure, reload, remove } = pages;
  const people = usePeople();
  const names = useNames();

  useEffect(() => chat.joinRequests.onChanged(({ room_id }) => room_id === roomId && reload()), [chat, roomId]);

  if (!items?.length && !failure) return null;
  return (
    <section aria-label={t("asking")}>
      <h3 class="list-title">{t("asking")}</h3>
      <ul class="items">
        {items?.map((request) => {
          const { id, user_id, note } = request;
          const name = names.person(user_id, people.get(user_id)?.username ?? "…");
          const answer = async (work: () => Promise<unknown>) => {
            if (await attempt(work)) remove(request);
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
      <PageEnd of={pages} />
    </section>
  );
}
