import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Face } from "../people/face.tsx";
import { useNames, usePeople } from "../people/use_people.ts";
import { Confirm } from "../ui/dialog.tsx";
import { notify } from "../ui/notices.tsx";
import { type Page, type Pages, usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import { useAct, useOperation } from "./context.ts";
import type { Ban, Mute, Since } from "./operators.ts";
import { PageList } from "./parts.tsx";
import { useNameOfRoom } from "./room_names.ts";
import { address, personAddress, roomAddress, type SectionProps } from "./route.ts";
import { Tabs } from "./tabs.tsx";

const KINDS = ["suspended", "muted", "banned"] as const;

/** What holds now: suspensions, mutes and bans from groups. */
export function BansSection({ route }: SectionProps) {
  const { t } = useWords();
  const kind = KINDS.find((kind) => kind === route.id) ?? "suspended";
  return (
    <>
      <h1>{t("admin.bans")}</h1>
      <Tabs
        label={t("queue.state")}
        current={kind}
        tabs={KINDS.map((name) => ({
          name,
          label: t(`admin.${name}`),
          href: address("bans", name === "suspended" ? undefined : name),
        }))}
      />
      {kind === "suspended" && <Suspensions />}
      {kind === "muted" && <Mutes />}
      {kind === "banned" && <Bans />}
    </>
  );
}

const sinceOf = ({ created_at, user_id }: Since): Since => ({ created_at, user_id });

function Suspensions() {
  const { chat } = useSession();
  const { operators } = useOperation();
  const pages = usePages((page: Page<Since>) => operators.suspensions(page), { cursorOf: sinceOf });
  return <Sanctions of={pages} onLift={({ user_id }) => chat.moderation.unsuspend(user_id)} />;
}

function Mutes() {
  const { chat } = useSession();
  const { operators } = useOperation();
  const pages = usePages((page: Page<Since>) => operators.mutes(page), { cursorOf: sinceOf });
  return <Sanctions of={pages} onLift={({ user_id }) => chat.moderation.unmute(user_id)} />;
}

function Bans() {
  const { chat } = useSession();
  const { operators } = useOperation();
  const pages = usePages((page) => operators.bans(page));
  return <Sanctions of={pages} onLift={({ room_id, user_id }) => chat.moderation.unban(room_id, user_id)} />;
}

type Sanctioned = Pick<Mute, "user_id" | "until" | "created_at"> & Partial<Pick<Ban, "room_id">> & {
  reason: string | null;
};

interface SanctionsProps<T> {
  of: Pages<T>;
  onLift: (item: T) => Promise<unknown>;
}

/** Who is kept from something, until when and why, with a button that ends it. */
function Sanctions<T extends Sanctioned>({ of: pages, onLift }: SanctionsProps<T>) {
  const words = useWords();
  const { t } = words;
  const names = useNames();
  const people = usePeople();
  const nameOfRoom = useNameOfRoom();
  const act = useAct();
  const [lifted, setLifted] = useState<T>();
  const nameOf = ({ user_id }: T) => names.person(user_id, people.get(user_id)?.username ?? "…");
  return (
    <>
      <PageList of={pages} none={t("admin.bans.none")}>
        {(item) => {
          const { user_id, room_id, until, reason, created_at } = item;
          const end = until ? t("admin.until", { when: words.exact(until) }) : t("admin.no.end");
          return (
            <li key={`${user_id} ${room_id ?? ""}`} class="with-button">
              <div class="item">
                <Face id={user_id} username={people.get(user_id)?.username ?? "…"} />
                <span class="item-name">
                  <a href={personAddress(user_id)}>{nameOf(item)}</a>
                  {room_id !== undefined && (
                    <small>
                      {" · "}
                      <a href={roomAddress(room_id)}>{nameOfRoom(room_id)}</a>
                    </small>
                  )}
                </span>
                <span class="item-text">
                  {[reason && `“${reason}”`, end, t("admin.since", { when: words.exact(created_at) })]
                    .filter(Boolean).join(" · ")}
                </span>
              </div>
              <button type="button" class="button small" onClick={() => setLifted(item)}>
                {t("admin.lift")}
                <span class="for-readers">{` ${nameOf(item)}`}</span>
              </button>
            </li>
          );
        }}
      </PageList>
      {lifted && (
        <Confirm
          question={t("act.sure", { action: t("admin.lift"), name: nameOf(lifted) })}
          action={t("admin.lift")}
          onConfirm={async () => {
            if (!await act(() => onLift(lifted))) return;
            pages.remove(lifted);
            notify(t("queue.done"));
          }}
          onClose={() => setLifted(undefined)}
        />
      )}
    </>
  );
}
