import { useState } from "preact/hooks";
import { Icon, IconButton } from "../ui/icon.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { sizeWords } from "./file_words.ts";
import type { Chosen, ChosenFiles } from "./use_chosen.ts";

/** The chosen files, above the line in which their caption is written. */
export function Tray({ files }: { files: ChosenFiles }) {
  const { t } = useWords();
  if (files.list.length === 0) return null;
  return (
    <div class="tray">
      <ul aria-label={t("file.chosen")}>
        {files.list.map((chosen) => (
          <TrayItem
            key={chosen.id}
            chosen={chosen}
            onRemove={() => files.remove(chosen.id)}
          />
        ))}
      </ul>
      {files.list.some(({ url }) => url) && (
        <label class="check">
          <input
            type="checkbox"
            checked={files.asFiles}
            onChange={(event) => files.setAsFiles(event.currentTarget.checked)}
          />
          {t("file.unchanged")}
        </label>
      )}
    </div>
  );
}

function TrayItem({ chosen: { file, url }, onRemove }: { chosen: Chosen; onRemove: () => void }) {
  const words = useWords();
  const [isBroken, setIsBroken] = useState(false);
  return (
    <li class="tray-item">
      {url && !isBroken
        ? <img src={url} alt={file.name} title={file.name} onError={() => setIsBroken(true)} />
        : (
          <span class="tray-file">
            <Icon name="file" />
            <span class="tray-name">{file.name}</span>
            <span class="quiet">{sizeWords(file.size, words)}</span>
          </span>
        )}
      <IconButton icon="close" label={words.t("file.remove", { name: file.name })} onClick={onRemove} />
    </li>
  );
}
