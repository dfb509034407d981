import { useWords } from "../words/use_words.ts";
import { LoadFailure } from "./load_failure.tsx";
import type { Pages } from "./use_pages.ts";

/** The end of a list that is read by pages: why the next page could not be read, or a button that reads it. */
export function PageEnd({ of: { failure, isLoading, more } }: { of: Omit<Pages<never>, "items" | "remove"> }) {
  const { t } = useWords();
  return (
    <>
      <LoadFailure of={[failure]} />
      {more && !failure && (
        <button type="button" class="button plain" disabled={isLoading} onClick={more}>{t("inbox.more")}</button>
      )}
    </>
  );
}
