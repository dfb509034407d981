import { displayName, type Profile } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { LIMITS } from "../core/limits.ts";
import { go, tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { PictureChooser } from "../files/picture_chooser.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { lazy } from "../ui/lazy.tsx";
import { Check, Field, Select } from "../ui/field.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { attempt, notify } from "../ui/notices.tsx";
import { Switches } from "../ui/switches.tsx";
import { useLoading } from "../ui/use_loading.ts";
import { useSearch } from "../ui/use_search.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { OperatorLinks } from "./operator_links.tsx";

const DeleteAccount = lazy(async () => (await import("./delete_account.tsx")).DeleteAccount);

/** How long signing out waits until the status is set to offline. */
const SIGN_OUT_TIMEOUT_MS = 2_000;

/** How long the browser may take to begin to save a file. */
const SAVING_MS = 60_000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The user's profile, the settings of the page, and signing out. */
export function ProfileDialog({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const { chat, supabase, people } = useSession();
  const [me, setMe] = useState<Profile>();
  const [isDeleting, setDeleting] = useState(false);
  const [isExporting, setExporting] = useState(false);
  const { failure, start } = useLoading();
  useEffect(() => start(() => chat.profiles.me(), setMe), [chat]);

  function changed(me: Profile): void {
    people.put([me]);
    setMe(me);
  }

  async function signOut(): Promise<void> {
    // Otherwise the status changes after a minute without a heartbeat.
    await Promise.race([chat.status.signOut().catch(() => {}), wait(SIGN_OUT_TIMEOUT_MS)]);
    await supabase.auth.signOut({ scope: "local" });
    go(tabPath("chats"), { replace: true }); // the next user must not land on what was open
  }

  async function save(): Promise<void> {
    setExporting(true);
    await attempt(async () => {
      const href = URL.createObjectURL(await chat.account.export());
      Object.assign(document.createElement("a"), { href, download: "parley.ndjson" }).click();
      setTimeout(() => URL.revokeObjectURL(href), SAVING_MS);
    });
    setExporting(false);
  }

  if (isDeleting && me) return <DeleteAccount me={me} onClose={() => setDeleting(false)} />;
  return (
    <Dialog title={t("profile")} onClose={onClose}>
      {me && (
        <PictureChooser
          name={displayName(me)}
          seed={me.id}
          picture={me.avatar_url}
          onChosen={async (picture) => changed(await chat.profiles.setPicture(picture))}
        />
      )}
      {me && (
        <ProfileForm
          me={me}
          onSaved={(me) => {
            people.put([me]);
            onClose();
          }}
        />
      )}
      <LoadFailure of={[failure]} />
      {/* Nothing below the form until it is there: it would move what is about to be clicked. */}
      {me || failure
        ? (
          <>
            <Switches />
            <button type="button" class="button plain" disabled={isExporting} onClick={save}>
              {t(isExporting ? "export.busy" : "export")}
            </button>
            <button type="button" class="button plain" onClick={signOut}>{t("account.out")}</button>
            {me && (
              <button type="button" class="button plain danger" onClick={() => setDeleting(true)}>
                {t("deletion.open")}
              </button>
            )}
            <OperatorLinks />
          </>
        )
        : <p class="quiet">{t("loading")}</p>}
    </Dialog>
  );
}

function ProfileForm({ me, onSaved }: { me: Profile; onSaved: (me: Profile) => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [username, setUsername] = useState(me.username);
  const [showEmail, setShowEmail] = useState(me.show_email);
  const [shareReceipts, setShareReceipts] = useState(me.share_receipts);
  const [directFrom, setDirectFrom] = useState(me.direct_from);
  const [addedBy, setAddedBy] = useState(me.added_by);
  const [foundBy, setFoundBy] = useState(me.found_by);
  const [seenBy, setSeenBy] = useState(me.status_seen_by);
  const asked = username === me.username ? "" : username;
  const { found: free, failure } = useSearch(asked, (name) => chat.profiles.usernameAvailable(name));

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name)).trim();
    const change = {
      first_name: text("first"),
      last_name: text("last"),
      bio: text("bio"),
      show_email: showEmail,
      share_receipts: shareReceipts,
      direct_from: directFrom,
      added_by: addedBy,
      found_by: foundBy,
      status_seen_by: seenBy,
    };
    const username = asked.trim();
    await attempt(async () => {
      const saved = await chat.profiles.update({ ...change, ...(username && { username }) });
      notify(t("saved"));
      onSaved(saved);
    });
  }

  const reach = {
    everyone: t("reach.everyone"),
    shared_rooms: t("reach.rooms"),
    friends: t("reach.friends"),
    nobody: t("reach.nobody"),
  };
  const finding = { everyone: t("reach.everyone"), contacts: t("found.contacts"), nobody: t("found.nobody") };
  return (
    <form class="form" onSubmit={onSubmit}>
      <Field
        label={t("account.username")}
        value={username}
        onInput={(event) => setUsername(event.currentTarget.value)}
        wrong={free === false}
        hint={free === undefined ? t("account.username.hint") : t(free ? "profile.free" : "profile.taken")}
        limit={LIMITS.username}
        required
      />
      <LoadFailure of={[failure]} />
      <div class="pair">
        <Field label={t("profile.first")} name="first" defaultValue={me.first_name} limit={LIMITS.personName} />
        <Field label={t("profile.last")} name="last" defaultValue={me.last_name} limit={LIMITS.personName} />
      </div>
      <Field label={t("profile.bio")} name="bio" defaultValue={me.bio} limit={LIMITS.bio} />
      <Check label={t("profile.email")} checked={showEmail} onChange={setShowEmail} />
      <Check label={t("profile.receipts")} checked={shareReceipts} onChange={setShareReceipts} />
      <Select label={t("reach")} value={directFrom} options={reach} onChange={setDirectFrom} />
      <Select label={t("added")} value={addedBy} options={reach} onChange={setAddedBy} />
      <Select label={t("found")} value={foundBy} options={finding} onChange={setFoundBy} />
      <Select
        label={t("seen")}
        value={seenBy}
        options={{ ...finding, nobody: t("reach.nobody") }}
        onChange={setSeenBy}
      />
      <button type="submit" class="button primary" disabled={free === false}>{t("save")}</button>
    </form>
  );
}
