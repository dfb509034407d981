/** Ids, or other words without commas, quotes and braces, as Postgres reads an array. */
export const arrayOf = (values: readonly (string | number)[]) => `{${values.join(",")}}`;
