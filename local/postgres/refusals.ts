import { CliError } from "../base/terminal.ts";

/** Data that no release has made: nothing says how to upgrade it. */
export const unreleasedData = (folder: string): CliError =>
  new CliError(
    `The data in ${folder} was made by an unreleased text of Parley: start the checkout that made it and save what you ` +
      "need with pg_dump, then start over with --reset, or choose another folder with --data.",
  );

/** Data of a release that this checkout does not know. */
export const newerData = (folder: string, what: string): CliError =>
  new CliError(
    `The data in ${folder} was made by a newer release of Parley, with ${what}: update this checkout, or choose another ` +
      "folder with --data.",
  );

/** Data whose accounts another Auth keeps. */
export const otherAccounts = (folder: string, wanted: "lite" | "gotrue"): CliError =>
  new CliError(
    wanted === "gotrue"
      ? `The accounts in ${folder} are not Supabase Auth's: start without --auth, or choose another folder with --data.`
      : `The accounts in ${folder} are Supabase Auth's: name its program with --auth, or choose another folder with --data.`,
  );

/** Data that cannot be used at all. */
export const unusableData = (folder: string, why: string): CliError =>
  new CliError(
    `The data in ${folder} ${why}; start over with --reset, which deletes it, or choose another folder with --data.`,
  );
