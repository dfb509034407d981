import { useEffect, useRef, useState } from "preact/hooks";
import { Avatar, type AvatarProps } from "../ui/avatar.tsx";
import { attempt, notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import type { Cut } from "./picture.ts";
import "../words/late.ts";

const MIDDLE: Cut = { x: 0, y: 0, zoom: 1 };
const MAX_ZOOM = 4;
const STEP = 0.1;

interface PictureChooserProps extends Pick<AvatarProps, "name" | "seed" | "picture" | "group"> {
  /** Shows another picture, or none. */
  onChosen: (picture: Blob | null) => Promise<unknown>;
}

/** The picture of a person or a group, and how to choose another. */
export function PictureChooser({ onChosen, ...looks }: PictureChooserProps) {
  const { t } = useWords();
  const picker = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<File>();
  const [isBusy, setIsBusy] = useState(false);

  async function show(picture: () => Promise<Blob | null>): Promise<void> {
    setIsBusy(true);
    const isDone = await attempt(async () => onChosen(await picture()));
    setIsBusy(false);
    if (!isDone) return;
    setChosen(undefined);
    notify(t("saved"));
  }

  if (chosen) {
    return (
      <Cutter
        picture={chosen}
        group={looks.group}
        isBusy={isBusy}
        onCut={(cut) => show(async () => (await import("./picture.ts")).square(chosen, cut))}
        onUnreadable={() => {
          notify(t("picture.unreadable"));
          setChosen(undefined);
        }}
        onCancel={() => setChosen(undefined)}
      />
    );
  }
  return (
    <div class="chosen-picture">
      <Avatar {...looks} size="large" />
      <div class="buttons">
        <button type="button" class="button small" disabled={isBusy} onClick={() => picker.current?.click()}>
          {t(looks.picture ? "picture.other" : "picture.choose")}
        </button>
        {looks.picture && (
          <button
            type="button"
            class="button small plain"
            disabled={isBusy}
            onClick={() => show(() => Promise.resolve(null))}
          >
            {t("picture.remove")}
          </button>
        )}
      </div>
      <input
        ref={picker}
        type="file"
        accept="image/*"
        hidden
        aria-label={t("picture.choose")}
        onChange={(event) => {
          setChosen(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}

interface CutterProps {
  picture: Blob;
  group: boolean | undefined;
  isBusy: boolean;
  onCut: (cut: Cut) => void;
  onUnreadable: () => void;
  onCancel: () => void;
}

/** Shows the part of a picture that will be seen, which can be moved and enlarged: by pointer, wheel or keys. */
function Cutter({ picture, group = false, isBusy, onCut, onUnreadable, onCancel }: CutterProps) {
  const { t } = useWords();
  const [cut, setCut] = useState(MIDDLE);
  const [size, setSize] = useState({ width: 1, height: 1 });
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const url = URL.createObjectURL(picture);
    image.current!.src = url;
    return () => URL.revokeObjectURL(url);
  }, [picture]);

  const change = (next: Partial<Cut>) => setCut((cut) => bounded({ ...cut, ...next }));
  const short = Math.min(size.width, size.height);
  /** How much longer a side is than what is shown of it. */
  const room = (side: number) => side / short * cut.zoom - 1;
  const move = (x: number, y: number) => {
    const shift = (by: number, side: number) => room(side) > 0 ? by * 2 / room(side) : 0;
    setCut((cut) => bounded({ ...cut, x: cut.x + shift(x, size.width), y: cut.y + shift(y, size.height) }));
  };

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Record<string, () => void> = {
      ArrowLeft: () => move(-STEP, 0),
      ArrowRight: () => move(STEP, 0),
      ArrowUp: () => move(0, -STEP),
      ArrowDown: () => move(0, STEP),
      "+": () => change({ zoom: cut.zoom + STEP }),
      "-": () => change({ zoom: cut.zoom - STEP }),
    };
    if (!steps[event.key]) return;
    event.preventDefault();
    steps[event.key]!();
  }

  const percent = (side: number) => `${side / short * cut.zoom * 100}%`;
  const offset = (side: number, shift: number) => `${-room(side) / 2 * (1 + shift) * 100}%`;
  return (
    <div class="chosen-picture">
      <div
        class={`cutter ${group ? "group" : ""}`}
        tabIndex={0}
        role="group"
        aria-label={t("picture.cut")}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const { width } = event.currentTarget.getBoundingClientRect();
          move(-event.movementX / width, -event.movementY / width);
        }}
      >
        <img
          ref={image}
          alt=""
          draggable={false}
          onLoad={(event) => {
            const { naturalWidth: width, naturalHeight: height } = event.currentTarget;
            setSize({ width, height });
          }}
          onError={onUnreadable}
          style={{
            width: percent(size.width),
            height: percent(size.height),
            left: offset(size.width, cut.x),
            top: offset(size.height, cut.y),
          }}
        />
      </div>
      <label class="zoom">
        <span>{t("picture.zoom")}</span>
        <input
          type="range"
          min={1}
          max={MAX_ZOOM}
          step={0.01}
          value={cut.zoom}
          onInput={(event) => change({ zoom: Number(event.currentTarget.value) })}
        />
      </label>
      <div class="buttons">
        <button type="button" class="button small" onClick={onCancel}>{t("cancel")}</button>
        <button type="button" class="button small primary" disabled={isBusy} onClick={() => onCut(cut)}>
          {t("picture.use")}
        </button>
      </div>
    </div>
  );
}

const within = (low: number, value: number, high: number) => Math.min(Math.max(low, value), high);

const bounded = ({ x, y, zoom }: Cut): Cut => ({
  x: within(-1, x, 1),
  y: within(-1, y, 1),
  zoom: within(1, zoom, MAX_ZOOM),
});
