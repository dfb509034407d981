import { useWords } from "../words/use_words.ts";
import { useFormat } from "./format.ts";

const [WIDTH, HEIGHT, GAP] = [300, 72, 2];

interface DayChartProps {
  title: string;
  /** Each day of a period, the oldest first. */
  days: readonly { day: string; count: number }[];
}

/** How many there were on each day: bars, and a table for screen readers. */
export function DayChart({ title, days }: DayChartProps) {
  const { t } = useWords();
  const format = useFormat();
  const most = Math.max(1, ...days.map(({ count }) => count));
  const total = days.reduce((sum, { count }) => sum + count, 0);
  const step = WIDTH / days.length;
  const [first, last] = [days[0], days.at(-1)];
  return (
    <section class="admin-card chart" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span class="quiet">{t("admin.days.most", { count: format.number(most) })}</span>
      </header>
      <p class="figure">
        <strong>{format.number(last?.count ?? 0)}</strong>
        <span class="quiet">{t("admin.days.today", { total: format.number(total), days: days.length })}</span>
      </p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {days.map(({ day, count }, index) => {
          const height = count === 0 ? 0 : Math.max(2, count / most * (HEIGHT - 4));
          return (
            <rect key={day} x={index * step} y={HEIGHT - height} width={step - GAP} height={height} rx="1">
              <title>{`${format.day(day)}: ${format.number(count)}`}</title>
            </rect>
          );
        })}
      </svg>
      <p class="axis quiet" aria-hidden="true">
        <span>{first && format.day(first.day)}</span>
        <span>{last && format.day(last.day)}</span>
      </p>
      <table class="for-readers">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t("admin.day")}</th>
            <th scope="col">{t("admin.count")}</th>
          </tr>
        </thead>
        <tbody>
          {days.map(({ day, count }) => (
            <tr key={day}>
              <th scope="row">{format.day(day)}</th>
              <td>{format.number(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
