import type { Hook } from "@hono/zod-openapi";
import type { core, ZodError } from "zod";
import { ApiError, notFound } from "../base/errors.ts";
import type { Api } from "./app.ts";

/** Answers what does not fit a route's schemas: a path as 404, anything else as 400 with a list of texts a field. */
// deno-lint-ignore no-explicit-any
export const validationHook: Hook<any, Api, any, any> = (result) => {
  if (result.success) return;
  if (result.target === "param") throw notFound();
  throw new ApiError(400, fieldErrors(result.error, (result as { data?: unknown }).data));
};

/** The first issue that zod has with each field of an input, in the words of Django REST Framework. */
export function fieldErrors(error: ZodError, input: unknown): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const issue of error.issues) {
    const field = String(issue.path[0] ?? "non_field_errors");
    fields[field] ??= [describe(issue, valueAt(input, issue.path))];
  }
  return fields;
}

const WRONG_TYPE: Record<string, string> = {
  string: "Not a valid string.",
  number: "A valid number is required.",
  int: "A valid integer is required.",
  boolean: "Must be a valid boolean.",
  array: "Expected a list of items.",
  object: "Invalid data. Expected a dictionary.",
};

const WRONG_FORMAT: Record<string, string> = {
  email: "Enter a valid email address.",
  uuid: "Must be a valid UUID.",
  guid: "Must be a valid UUID.",
  url: "Enter a valid URL.",
};

const valueAt = (input: unknown, path: PropertyKey[]) =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);

function describe(issue: core.$ZodIssue, input: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.path.length === 0) return WRONG_TYPE.object;
      if (input === undefined) return "This field is required.";
      if (input === null) return "This field may not be null.";
      return WRONG_TYPE[issue.expected] ?? "Not a valid value.";
    case "invalid_value":
      if (input === undefined) return "This field is required.";
      if (input === null) return "This field may not be null.";
      // An object would be asked to show itself, which it may not be able to.
      if (typeof input === "object") return "Not a valid choice.";
      return `"${String(input).slice(0, 100)}" is not a valid choice.`;
    case "invalid_format":
      return WRONG_FORMAT[issue.format] ?? issue.message;
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return "This field may not be blank.";
      if (issue.origin === "string") return `Ensure this field has at least ${issue.minimum} characters.`;
      if (issue.origin === "array") return `Ensure this field has at least ${issue.minimum} elements.`;
      return `Ensure this value is greater than or equal to ${issue.minimum}.`;
    case "too_big":
      if (issue.origin === "string") return `Ensure this field has no more than ${issue.maximum} characters.`;
      if (issue.origin === "array") return `Ensure this field has no more than ${issue.maximum} elements.`;
      return `Ensure this value is less than or equal to ${issue.maximum}.`;
    default:
      return issue.message;
  }
}
