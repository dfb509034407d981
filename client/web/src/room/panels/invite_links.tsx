import type { InboxRoom, InviteLink } from "parley-client";
import { useState } from "preact/hooks";
import { invitePath } from "../../core/route.ts";
import { useSession } from "../../core/session.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Select } from "../../ui/field.tsx";
import { attempt, copy } from "../../ui/notices.tsx";
import { PageEnd } from "../../ui/page_end.tsx";
import { usePages } from "../../ui/use_pages.ts";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";

const LASTS_MS = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, ever: undefined };
const USES = ["1", "10", "100"];

type Lasting = keyof typeof LASTS_MS;

/** Makes links by which people join a group, and revokes them. */
export function InviteLinks({ about, onClose }: { about: InboxRoom; onClose: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const pages = usePages((page) => chat.invites.links(about.id, page));
  const { items: links, isLoading, reload } = pages;
  return (
    <Dialog title={t("invites")} onClose={onClose}>
      <NewLink about={about} onMade={reload} />
      <section>
        <h3 class="list-title">{t("invites.list")}</h3>
        <p class="quiet" role="status">{links ? links.length === 0 && t("invites.none") : isLoading && t("loading")}</p>
        <ul class="items short">
          {links?.map((link) => <Link key={link.id} link={link} onRevoked={reload} />)}
        </ul>
      </section>
      <PageEnd of={pages} />
    </Dialog>
  );
}

function NewLink({ about, onMade }: { about: InboxRoom; onMade: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [lasting, setLasting] = useState<Lasting>("week");
  const [uses, setUses] = useState("");
  const [role, setRole] = useState<"member" | "admin">("member");
  const [address, setAddress] = useState("");

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const ms = LASTS_MS[lasting];
    await attempt(async () => {
      const { token } = await chat.invites.createLink(about.id, {
        role,
        ...(ms && { expiresAt: new Date(Date.now() + ms) }),
        ...(uses && { maxUses: Number(uses) }),
      });
      setAddress(new URL(invitePath(token), location.href).href);
      onMade();
    });
  }

  return (
    <form class="form" onSubmit={onSubmit}>
      <p class="quiet">{t("invites.lead")}</p>
      <Select
        label={t("invites.lasts")}
        value={lasting}
        options={{
          hour: t("invites.lasts.hour"),
          day: t("invites.lasts.day"),
          week: t("invites.lasts.week"),
          ever: t("invites.lasts.ever"),
        }}
        onChange={setLasting}
      />
      <label class="select">
        <span>{t("invites.uses")}</span>
        <select value={uses} onChange={(event) => setUses(event.currentTarget.value)}>
          <option value="">{t("invites.uses.any")}</option>
          {USES.map((count) => <option key={count} value={count}>{count}</option>)}
        </select>
      </label>
      {about.role === "owner" && (
        <Select
          label={t("invites.role")}
          value={role}
          options={{ member: t("role.member"), admin: t("role.admin") }}
          onChange={setRole}
        />
      )}
      <button type="submit" class="button primary">{t("invites.make")}</button>
      {address && (
        <div role="status" class="form">
          <Field label={t("invites.address")} value={address} readOnly />
          <button type="button" class="button" onClick={() => copy(address, t("copied"))}>{t("invites.copy")}</button>
        </div>
      )}
    </form>
  );
}

const isOver = ({ revoked_at, expires_at, max_uses, uses }: InviteLink) =>
  revoked_at !== null || uses === max_uses || expires_at !== null && Date.parse(expires_at) <= Date.now();

function Link({ link, onRevoked }: { link: InviteLink; onRevoked: () => void }) {
  const words = useWords();
  const { t } = words;
  const { chat } = useSession();
  const joined = link.max_uses === null
    ? t("invites.joined", { count: link.uses })
    : t("invites.joined.of", { count: link.uses, most: link.max_uses });
  const end = isOver(link)
    ? t("invites.ended")
    : link.expires_at && t("invites.until", { when: words.exact(link.expires_at) });
  const name = t("invites.made", { role: t(`role.${link.role}`), when: words.moment(link.created_at) });
  return (
    <li class="row">
      <span class="item-name">{joined}</span>
      <span class="item-text">{[end, name].filter(Boolean).join(", ")}</span>
      {!isOver(link) && (
        <button
          type="button"
          class="button small"
          onClick={async () => {
            if (await attempt(() => chat.invites.revokeLink(link.id))) onRevoked();
          }}
        >
          {t("invites.revoke")}
          <span class="for-readers">{` ${name}`}</span>
        </button>
      )}
    </li>
  );
}
