import type { ComponentChildren } from "preact";
import { LoadFailure } from "../ui/load_failure.tsx";
import { PageEnd } from "../ui/page_end.tsx";
import type { Pages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import { type Loaded, useCheckedFailure } from "./context.ts";

interface CardProps {
  title: string;
  /** What one can do with it, beside its title. */
  actions?: ComponentChildren;
  lead?: string | undefined;
  children: ComponentChildren;
}

/** A part of a section. */
export function Card({ title, actions, lead, children }: CardProps) {
  return (
    <section class="admin-card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {actions}
      </header>
      {lead && <p class="quiet">{lead}</p>}
      {children}
    </section>
  );
}

/** Says that something is being read, that there is nothing, or why it cannot be read. */
export function State({ of: { value, isLoading, failure }, none }: { of: Loaded<unknown>; none: string }) {
  const { t } = useWords();
  const isEmpty = Array.isArray(value) && value.length === 0;
  return (
    <>
      <p class="quiet admin-state" role="status">{value ? isEmpty && none : isLoading && t("loading")}</p>
      <LoadFailure of={[failure]} />
    </>
  );
}

interface PageListProps<T> {
  of: Pages<T>;
  /** What it says when there is nothing. */
  none: string;
  class?: string;
  children: (item: T) => ComponentChildren;
}

/** A list that is read by pages. */
export function PageList<T>({ of, none, class: name = "admin-list", children }: PageListProps<T>) {
  const { t } = useWords();
  const { items, isLoading, failure } = of;
  useCheckedFailure(failure);
  return (
    <>
      <p class="quiet admin-state" role="status">
        {items ? items.length === 0 && !failure && none : isLoading && t("loading")}
      </p>
      {items && items.length > 0 && <ul class={name}>{items.map(children)}</ul>}
      <PageEnd of={of} />
    </>
  );
}

export type Tone = "plain" | "good" | "warning" | "danger";

/** A state of something, in a few words. */
export function Tag({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class="tag" data-tone={tone}>{children}</span>;
}

/** Names and values. */
export function Facts({ of }: { of: readonly (readonly [string, ComponentChildren] | false | undefined)[] }) {
  return (
    <dl class="facts">
      {of.map((fact) =>
        fact && fact[1] !== null && fact[1] !== undefined && (
          <div key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        )
      )}
    </dl>
  );
}

export interface Column<T> {
  label: string;
  cell: (row: T) => ComponentChildren;
  /** Numbers stand at the right. */
  isNumber?: boolean;
  /** What one can do with a row needs no label of its own. */
  isAction?: boolean;
}

interface TableProps<T> {
  label: string;
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  columns: readonly Column<T>[];
}

/** A table; on a phone each row is a block. Its roles stay when it is shown as blocks. */
export function Table<T>({ label, rows, keyOf, columns }: TableProps<T>) {
  return (
    <table class="admin-table" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ label, isNumber }) => (
            <th key={label} role="columnheader" scope="col" class={isNumber ? "number" : ""}>{label}</th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map(({ label, cell, isNumber, isAction }) => (
              <td key={label} role="cell" class={isNumber ? "number" : ""} data-label={isAction ? undefined : label}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
