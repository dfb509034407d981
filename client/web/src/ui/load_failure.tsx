import { useWords } from "../words/use_words.ts";
import { errorText } from "./notices.tsx";
import type { Failure } from "./use_loading.ts";

/** Says why something could not be loaded, with a button that loads it again. Several failures show as one. */
export function LoadFailure({ of }: { of: readonly (Failure | undefined)[] }) {
  const words = useWords();
  const failures = of.filter((failure) => failure !== undefined);
  const [first] = failures;
  return (
    <div role="alert">
      {first && (
        <p class="quiet padded">
          {`${errorText(words, first.error)} `}
          <button type="button" class="link" onClick={() => failures.forEach(({ retry }) => retry())}>
            {words.t("retry")}
          </button>
        </p>
      )}
    </div>
  );
}
