import type { FunctionComponent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Face } from "../people/face.tsx";
import { useNames, usePeople } from "../people/use_people.ts";
import { Icon } from "../ui/icon.tsx";
import { Switches } from "../ui/switches.tsx";
import { useWords } from "../words/use_words.ts";
import { AuditSection } from "./audit.tsx";
import { BansSection } from "./bans.tsx";
import { useOperation } from "./context.ts";
import { LimitsSection } from "./limits.tsx";
import { MessagesSection } from "./messages.tsx";
import { OverviewSection } from "./overview.tsx";
import { PeopleSection } from "./people.tsx";
import { ReportsSection } from "./reports.tsx";
import { RetentionSection } from "./retention.tsx";
import { RoomsSection } from "./rooms.tsx";
import { address, type SectionName, type SectionProps, useAdminRoute } from "./route.ts";
import { SectionIcon } from "./section_icon.tsx";
import { SystemSection } from "./system.tsx";
import { WordsSection } from "./word_rules.tsx";

interface Section {
  component: FunctionComponent<SectionProps>;
  isForAdministrators?: boolean;
  /** The one that the navigation shows it as; it has no entry of its own. */
  within?: SectionName;
}

const SECTIONS: Record<SectionName, Section> = {
  overview: { component: OverviewSection },
  reports: { component: ReportsSection },
  people: { component: PeopleSection },
  rooms: { component: RoomsSection },
  messages: { component: MessagesSection, within: "rooms" },
  bans: { component: BansSection },
  words: { component: WordsSection, isForAdministrators: true },
  limits: { component: LimitsSection, isForAdministrators: true },
  retention: { component: RetentionSection, isForAdministrators: true },
  audit: { component: AuditSection },
  system: { component: SystemSection, isForAdministrators: true },
};

/** The sections that the operator's role may see: at the side, or in a menu on a phone. */
export function Frame() {
  const { t } = useWords();
  const { role, checkRole } = useOperation();
  const route = useAdminRoute();
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const visible = (Object.keys(SECTIONS) as SectionName[])
    .filter((name) => role === "administrator" || !SECTIONS[name].isForAdministrators);
  const name = visible.find((name) => name === route.section);
  const place = name && `${name}/${route.id ?? ""}`;

  // Before the section is painted: what the user opens then stays open.
  useLayoutEffect(() => {
    setOpen(false);
    if (!isFirst.current) {
      checkRole();
      main.current!.scrollTo(0, 0);
      main.current!.focus();
    }
    isFirst.current = false;
  }, [place]);

  const Shown = name && SECTIONS[name].component;
  const current = name && (SECTIONS[name].within ?? name);
  return (
    <div
      class="admin"
      data-open={isOpen}
      onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
    >
      <header class="admin-bar">
        <button
          type="button"
          class="icon-button"
          aria-label={t("admin.menu")}
          aria-expanded={isOpen}
          aria-controls="admin-side"
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <Icon name="close" /> : <SectionIcon name="menu" />}
        </button>
        <img src="./icon.svg" alt="" width="24" height="24" />
        <strong>{t("admin.brand")}</strong>
      </header>
      <aside class="admin-side" id="admin-side" aria-label={t("admin")}>
        <p class="admin-brand">
          <img src="./icon.svg" alt="" width="28" height="28" />
          <span>
            <strong>Parley</strong>
            <small class="quiet">{t("admin")}</small>
          </span>
        </p>
        <nav aria-label={t("admin.sections")}>
          <ul>
            {visible.filter((name) => !SECTIONS[name].within).map((name) => (
              <li key={name}>
                <a
                  href={address(name)}
                  aria-current={name === current ? "page" : undefined}
                  onClick={() => setOpen(false)}
                >
                  <SectionIcon name={name} />
                  {t(`admin.${name}`)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <Account />
      </aside>
      {/* On a phone the menu covers it. */}
      <main ref={main} class="admin-main" tabIndex={-1} onFocusIn={() => setOpen(false)}>
        {Shown && <Shown key={place} route={route} />}
        {!Shown && (
          <div class="center">
            <h1>{t("admin.missing")}</h1>
            <p class="quiet">{t("admin.missing.text")}</p>
            <a class="button" href={address("overview")}>{t("admin.overview")}</a>
          </div>
        )}
      </main>
    </div>
  );
}

/** Who has signed in, and the settings of the page. */
function Account() {
  const { t } = useWords();
  const { me, supabase } = useSession();
  const { role } = useOperation();
  const names = useNames();
  const username = usePeople().get(me)?.username ?? "…";
  return (
    <div class="admin-account">
      <div class="row">
        <Face id={me} username={username} size="small" />
        <span class="item-name">{names.person(me, username)}</span>
        <span class="item-text">{t(`admin.role.${role}`)}</span>
      </div>
      <Switches />
      <div class="buttons">
        <a class="button small" href="./">{t("admin.chat")}</a>
        <button type="button" class="button small" onClick={() => void supabase.auth.signOut({ scope: "local" })}>
          {t("account.out")}
        </button>
      </div>
    </div>
  );
}
