export const digits = (value: number | null | undefined, count: number) => value?.toFixed(count) ?? "–";
export const whole = (value: number | undefined) => value === undefined ? "–" : Math.round(value).toLocaleString("en");

/** A table as text: the first row is the header, the first column has the names. */
export function grid(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const format = (row: string[]) =>
    row.map((text, column) => column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!)).join("  ");
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [format(rows[0]!), rule, ...rows.slice(1).map(format)].join("\n");
}
