import { useRef } from "preact/hooks";
import { IconButton } from "../ui/icon.tsx";
import { useWords } from "../words/use_words.ts";

/** A button to choose files: on a phone also from the camera or the gallery. */
export function AttachButton({ onFiles }: { onFiles: (files: Iterable<File>) => void }) {
  const { t } = useWords();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="clip" label={t("file.attach")} onClick={() => picker.current!.click()} />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label={t("file.attach")}
        onChange={(event) => {
          onFiles([...event.currentTarget.files ?? []]);
          event.currentTarget.value = ""; // the same file may be chosen again
        }}
      />
    </>
  );
}
