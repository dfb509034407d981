import { useSession } from "../core/session.ts";
import { LoadFailure } from "../ui/load_failure.tsx";
import type { Failure } from "../ui/use_loading.ts";
import { usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import { useLoaded, useOperation, useRefreshed } from "./context.ts";
import { DayChart } from "./day_chart.tsx";
import { useFormat } from "./format.ts";
import type { DailyCount } from "./operators.ts";
import { ReportList } from "./reports.tsx";
import { address } from "./route.ts";

const DAYS = 30;
const DAY_MS = 86_400_000;
const COUNTED = ["messages", "people", "rooms", "reports"] as const;
/** Larger counts are not counted to their end. */
const MOST_COUNTED = 10_000;

/** What an operator looks at first. */
export function OverviewSection() {
  const { t } = useWords();
  const { role } = useOperation();
  return (
    <>
      <h1>{t("admin.overview")}</h1>
      <ul class="tiles">
        <Counts />
        {role === "administrator" && <Health />}
      </ul>
      {role === "administrator" ? <Charts /> : <Newest />}
    </>
  );
}

interface TileProps {
  label: string;
  value: string | undefined;
  hint?: string | undefined;
  href: string;
  isAlarming?: boolean | undefined;
}

/** A number that leads to what it counts. */
function Tile({ label, value, hint, href, isAlarming = false }: TileProps) {
  return (
    <li>
      <a class="tile" href={href} data-alarming={isAlarming}>
        <span>{label}</span>
        <strong>{value ?? "…"}</strong>
        {hint && <small class="quiet">{hint}</small>}
      </a>
    </li>
  );
}

function Failed({ of }: { of: readonly Failure[] }) {
  return (
    <li class="wide">
      <LoadFailure of={of} />
    </li>
  );
}

function Counts() {
  const { t } = useWords();
  const { operators } = useOperation();
  const { number } = useFormat();
  const loaded = useLoaded(operators.counts);
  useRefreshed(loaded);
  const { value: counts, failure } = loaded;
  const shown = (count: number | undefined) =>
    count === undefined ? undefined : number(count) + (count >= MOST_COUNTED ? "+" : "");
  return (
    <>
      <Tile
        label={t("admin.open.reports")}
        value={shown(counts?.open_reports)}
        href={address("reports")}
        isAlarming={counts && counts.open_reports > 0}
      />
      <Tile label={t("admin.suspended")} value={shown(counts?.suspended)} href={address("bans")} />
      <Tile label={t("admin.muted")} value={shown(counts?.muted)} href={address("bans", "muted")} />
      {failure && <Failed of={[failure]} />}
    </>
  );
}

/** How the database and the jobs are. */
function Health() {
  const { t } = useWords();
  const { operators } = useOperation();
  const { number, bytes } = useFormat();
  const connections = useLoaded(operators.connections);
  const jobs = useLoaded(operators.jobs);
  const storage = useLoaded(operators.storage);
  for (const loaded of [connections, jobs, storage]) useRefreshed(loaded);
  const used = connections.value?.reduce((sum, { connections }) => sum + connections, 0);
  const most = connections.value?.[0]?.max_connections;
  const failing = jobs.value?.filter(({ is_failing, is_late }) => is_failing || is_late);
  const stored = storage.value?.reduce((sum, { bytes }) => sum + bytes, 0);
  const files = storage.value?.reduce((sum, { files }) => sum + files, 0);
  const failures = [connections, jobs, storage].flatMap(({ failure }) => failure ?? []);
  return (
    <>
      <Tile
        label={t("admin.connections")}
        value={used === undefined ? undefined : number(used)}
        hint={most ? t("admin.of", { most: number(most) }) : undefined}
        href={address("system")}
        isAlarming={used !== undefined && most !== undefined && used > most * 0.8}
      />
      <Tile
        label={t("admin.failed.jobs")}
        value={failing && number(failing.length)}
        hint={failing?.map(({ name }) => name).join(", ") || (jobs.value ? t("admin.jobs.fine") : undefined)}
        href={address("system")}
        isAlarming={failing && failing.length > 0}
      />
      <Tile
        label={t("admin.storage")}
        value={stored === undefined ? undefined : bytes(stored)}
        hint={files === undefined ? undefined : t("admin.files", { count: files })}
        href={address("system")}
      />
      {failures.length > 0 && <Failed of={failures} />}
    </>
  );
}

/** The reports to begin with. */
function Newest() {
  const { t } = useWords();
  const { chat } = useSession();
  const pages = usePages((page) => chat.moderation.queue(page), { size: 5 });
  useRefreshed(pages);
  return (
    <>
      <h2>{t("admin.reports.newest")}</h2>
      <ReportList of={pages} none={t("admin.reports.none")} />
    </>
  );
}

function Charts() {
  const { t } = useWords();
  const { operators } = useOperation();
  const loaded = useLoaded(() => operators.dailyCounts(DAYS));
  useRefreshed(loaded);
  const { value, failure } = loaded;
  return (
    <>
      <div class="charts">
        {value &&
          COUNTED.map((counted) => (
            <DayChart key={counted} title={t(`admin.days.${counted}`)} days={everyDay(value, counted)} />
          ))}
      </div>
      <LoadFailure of={[failure]} />
    </>
  );
}

/** The last days, also those on which nothing happened. */
function everyDay(counts: readonly DailyCount[], counted: typeof COUNTED[number]) {
  const byDay = new Map(counts.map((count) => [count.day, count[counted]]));
  return Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(Date.now() - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return { day, count: byDay.get(day) ?? 0 };
  });
}
