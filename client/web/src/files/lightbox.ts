import type { Attachment, LiveRoom } from "parley-client";
import PhotoSwipe from "photoswipe";
import "photoswipe/style.css";
import type { Words } from "../words/words.ts";
import { download } from "./download.ts";
import { kindOf } from "./kinds.ts";
import "../words/late.ts";

/** Keys work once it is open. */
const FADE_MS = 150;

/** Shows a picture large, and with the arrow keys or by swiping all others that are loaded in the room. */
export function openLightbox(room: LiveRoom, id: string, { t }: Words): void {
  const photos = room.getSnapshot().messages.flatMap(({ state, attachments }) =>
    state === "sent" ? attachments.filter((file) => kindOf(file) === "photo") : []
  );
  const index = photos.findIndex((photo) => photo.id === id);
  if (index < 0) return;
  const opener = document.activeElement as HTMLElement | null;
  const box = new PhotoSwipe({
    dataSource: photos.map((photo) => ({ width: photo.width!, height: photo.height!, alt: t("file.photo"), photo })),
    index,
    bgOpacity: 0.92,
    loop: false,
    wheelToZoom: true,
    showHideAnimationType: "fade",
    showAnimationDuration: FADE_MS,
    hideAnimationDuration: FADE_MS,
    closeTitle: t("close"),
    zoomTitle: t("file.zoom"),
    arrowPrevTitle: t("file.previous"),
    arrowNextTitle: t("file.next"),
    errorMsg: t("file.broken"),
    returnFocus: false,
  });
  // URLs are short-lived: each picture asks for its own when it is about to be shown.
  box.on("contentLoad", (event) => {
    const { content } = event;
    event.preventDefault();
    const image = new Image();
    image.alt = t("file.photo");
    image.className = "pswp__img";
    content.element = image;
    content.state = "loading";
    image.onload = () => content.onLoaded();
    image.onerror = () => content.onError();
    room.fileUrl(photoOf(content.data)).then((url) => void (image.src = url), () => content.onError());
  });
  box.on("uiRegister", () => {
    box.ui!.registerElement({
      name: "download",
      title: t("file.save"),
      order: 8,
      isButton: true,
      html: {
        isCustomSVG: true,
        inner:
          '<path d="M20.5 14.3 17.1 18V10h-2.2v7.9l-3.4-3.6L10 16l6 6.1 6-6.1ZM23 23H9v2h14Z" id="pswp__icn-download"/>',
        outlineID: "pswp__icn-download",
      },
      onClick: () => void download(room, photos[box.currIndex]!),
    });
  });
  box.on("destroy", () => opener?.focus());
  box.init();
}

const photoOf = (data: object) => (data as { photo: Attachment }).photo;
