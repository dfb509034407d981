import { useWords } from "../words/use_words.ts";
import { useLoaded, useOperation } from "./context.ts";
import { secondsOf, useFormat } from "./format.ts";
import type { Job } from "./operators.ts";
import { Card, State, Table, Tag } from "./parts.tsx";

/** How the database, the jobs and the files are. */
export function SystemSection() {
  const { t } = useWords();
  return (
    <>
      <h1>{t("admin.system")}</h1>
      <Jobs />
      <Connections />
      <Statements />
      <Storage />
      <Sizes />
    </>
  );
}

function Again({ onClick, of }: { onClick: () => void; of: string }) {
  const { t } = useWords();
  return (
    <button type="button" class="button small" onClick={onClick}>
      {t("admin.again")}
      <span class="for-readers">{` ${of}`}</span>
    </button>
  );
}

function Jobs() {
  const words = useWords();
  const { t } = words;
  const { operators } = useOperation();
  const { seconds } = useFormat();
  const loaded = useLoaded(operators.jobs);
  const state = ({ is_failing, is_late }: Job) =>
    is_failing
      ? <Tag tone="danger">{t("admin.job.failing")}</Tag>
      : is_late
      ? <Tag tone="warning">{t("admin.job.late")}</Tag>
      : <Tag tone="good">{t("admin.job.fine")}</Tag>;
  const scheduleWords = (schedule: string) => {
    const pause = secondsOf(schedule);
    return pause === undefined ? schedule || "–" : t("admin.job.every", { time: seconds(pause) });
  };
  const when = (time: string | null) => time ? words.exact(time) : "–";
  const title = t("admin.jobs");
  return (
    <Card title={title} actions={<Again onClick={loaded.reload} of={title} />}>
      <State of={loaded} none={t("nothing")} />
      {loaded.value && loaded.value.length > 0 && (
        <Table
          label={title}
          rows={loaded.value}
          keyOf={({ name, runner }) => `${runner} ${name}`}
          columns={[
            {
              label: t("admin.job"),
              cell: ({ name, runner }) => (
                <span class="named">
                  {name}
                  <code>{runner}</code>
                </span>
              ),
            },
            { label: t("admin.job.state"), cell: state },
            { label: t("admin.job.schedule"), cell: ({ schedule }) => scheduleWords(schedule) },
            { label: t("admin.job.last"), cell: ({ last_run_at }) => when(last_run_at) },
            {
              label: t("admin.job.failed"),
              cell: ({ failed_at, last_error }) =>
                failed_at ? [when(failed_at), last_error].filter(Boolean).join(": ") : "–",
            },
          ]}
        />
      )}
    </Card>
  );
}

function Connections() {
  const { t } = useWords();
  const { operators } = useOperation();
  const { number, seconds } = useFormat();
  const loaded = useLoaded(operators.connections);
  const used = loaded.value?.reduce((sum, { connections }) => sum + connections, 0) ?? 0;
  const most = loaded.value?.[0]?.max_connections ?? 0;
  const title = t("admin.connections");
  return (
    <Card title={title} actions={<Again onClick={loaded.reload} of={title} />}>
      <State of={loaded} none={t("nothing")} />
      {loaded.value && loaded.value.length > 0 && (
        <>
          <p>{t("admin.connections.used", { used: number(used), most: number(most) })}</p>
          <meter class="meter" aria-label={title} min={0} max={most} high={most * 0.8} value={used} />
          <Table
            label={title}
            rows={loaded.value}
            keyOf={({ state }) => state}
            columns={[
              { label: t("admin.connection.state"), cell: ({ state }) => state },
              { label: t("admin.count"), cell: ({ connections }) => number(connections), isNumber: true },
              {
                label: t("admin.connection.longest"),
                cell: ({ longest_seconds }) => longest_seconds === null ? "–" : seconds(longest_seconds),
                isNumber: true,
              },
            ]}
          />
        </>
      )}
    </Card>
  );
}

function Statements() {
  const { t } = useWords();
  const { operators } = useOperation();
  const { number, ms } = useFormat();
  const loaded = useLoaded(operators.statements);
  const isMissing = loaded.failure?.error.status === 404;
  const title = t("admin.statements");
  return (
    <Card title={title} actions={<Again onClick={loaded.reload} of={title} />} lead={t("admin.statements.lead")}>
      {isMissing ? <p>{t("admin.statements.missing")}</p> : <State of={loaded} none={t("nothing")} />}
      {loaded.value && loaded.value.length > 0 && (
        <Table
          label={title}
          rows={loaded.value.map((statement, index) => ({ ...statement, index }))}
          keyOf={({ index }) => index}
          columns={[
            {
              label: t("admin.statement"),
              cell: ({ statement }) => (
                <details class="statement">
                  <summary>
                    <code>{statement.slice(0, 80)}</code>
                  </summary>
                  <pre>{statement}</pre>
                </details>
              ),
            },
            { label: t("admin.calls"), cell: ({ calls }) => number(calls), isNumber: true },
            { label: t("admin.mean"), cell: ({ mean_ms }) => ms(mean_ms), isNumber: true },
            { label: t("admin.longest"), cell: ({ max_ms }) => ms(max_ms), isNumber: true },
            { label: t("admin.total"), cell: ({ total_ms }) => ms(total_ms), isNumber: true },
          ]}
        />
      )}
    </Card>
  );
}

function Storage() {
  const words = useWords();
  const { t } = words;
  const { operators } = useOperation();
  const { number, bytes } = useFormat();
  const loaded = useLoaded(operators.storage);
  return (
    <Card title={t("admin.storage")}>
      <State of={loaded} none={t("admin.storage.none")} />
      {loaded.value && loaded.value.length > 0 && (
        <Table
          label={t("admin.storage")}
          rows={loaded.value}
          keyOf={({ bucket }) => bucket}
          columns={[
            { label: t("admin.bucket"), cell: ({ bucket }) => bucket },
            { label: t("admin.files.column"), cell: ({ files }) => number(files), isNumber: true },
            { label: t("admin.size"), cell: (row) => bytes(row.bytes), isNumber: true },
            { label: t("admin.measured"), cell: ({ measured_at }) => words.exact(measured_at), isNumber: true },
          ]}
        />
      )}
    </Card>
  );
}

function Sizes() {
  const { t } = useWords();
  const { operators } = useOperation();
  const { number, bytes } = useFormat();
  const loaded = useLoaded(operators.tables);
  return (
    <Card title={t("admin.tables")}>
      <State of={loaded} none={t("nothing")} />
      {loaded.value && loaded.value.length > 0 && (
        <Table
          label={t("admin.tables")}
          rows={loaded.value}
          keyOf={({ table_name }) => table_name}
          columns={[
            { label: t("admin.table"), cell: ({ table_name }) => <code>{table_name}</code> },
            { label: t("admin.rows"), cell: ({ row_estimate }) => number(Math.max(0, row_estimate)), isNumber: true },
            { label: t("admin.size"), cell: (row) => bytes(row.bytes), isNumber: true },
            { label: t("admin.indexes"), cell: ({ index_bytes }) => bytes(index_bytes), isNumber: true },
          ]}
        />
      )}
    </Card>
  );
}
