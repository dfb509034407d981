import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { type Metric, readMetrics } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { backendRoute } from "../_shared/http/routes.ts";

const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What each metric is, in the order of the answer. */
const METRICS: Record<string, [type: "counter" | "gauge" | "histogram", help: string]> = {
  parley_info: ["gauge", "The release of Parley in the database."],
  parley_messages_total: ["counter", "Messages that were sent."],
  parley_accounts_total: ["counter", "Accounts that were made."],
  parley_rooms_total: ["counter", "Rooms that were made."],
  parley_reports_total: ["counter", "Reports that were made."],
  parley_open_reports: ["gauge", "Reports that nobody has answered, up to 10000."],
  parley_suspended_people: ["gauge", "People who are suspended, up to 10000."],
  parley_muted_people: ["gauge", "People who are muted, up to 10000."],
  parley_queue_rows: ["gauge", "Rows that wait for a job, up to 10000."],
  parley_job_failing: ["gauge", "Whether the last run of a job has failed."],
  parley_job_delay_seconds: ["gauge", "For how long a job has been due."],
  parley_database_connections: ["gauge", "Connections of clients by state."],
  parley_database_connections_max: ["gauge", "Connections that the database admits."],
  parley_database_size_bytes: ["gauge", "Size of the database."],
  parley_storage_files: ["gauge", "Files by bucket, as of the last measure."],
  parley_storage_bytes: ["gauge", "Size of the files by bucket, as of the last measure."],
  parley_function_requests_total: ["counter", "Requests by function and class of status."],
  parley_function_duration_seconds: ["histogram", "Time from a request to the beginning of its response."],
};

const HISTOGRAM_PARTS = ["_bucket", "_sum", "_count"];

const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function sample({ name, labels, value }: Metric): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs}}` : ""} ${value}`;
}

/** Samples in the text format of Prometheus, version 0.0.4. */
function exposition(metrics: Metric[]): string {
  return Object.entries(METRICS).flatMap(([name, [type, help]]) => {
    const isOfIt = (metric: Metric) =>
      metric.name === name || type === "histogram" && HISTOGRAM_PARTS.some((part) => metric.name === name + part);
    const samples = metrics.filter(isOfIt).map(sample);
    return samples.length > 0 ? [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples] : [];
  }).join("\n") + "\n";
}

const route = backendRoute({
  method: "get",
  path: "/metrics/",
  tags: ["jobs"],
  summary: "Metrics for Prometheus; for backends with a secret key",
  responses: {
    200: {
      content: { [CONTENT_TYPE]: { schema: z.string() } },
      description: "The metrics in the text format of Prometheus, version 0.0.4.",
    },
  },
});

/** The route for a monitor: it reads all metrics in one statement. */
export function metricsRoute(app: OpenAPIHono<Api>): void {
  app.openapi(
    route,
    async (c) => c.text(exposition(await readMetrics()), 200, { "Content-Type": CONTENT_TYPE }),
  );
}
