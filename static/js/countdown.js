// The time until a live lecture begins, in the part of its page that waits for it: data-left are the seconds that were
// left when the page was made. The part may be replaced while the page is open (state.js).

import { put } from "./dom.js";
import { clock } from "./texts.js";

const DAY = 86400,
  HOUR = 3600; // s
const ends = new WeakMap();

function tick() {
  const box = document.querySelector("[data-left]");
  if (!box) return;
  if (!ends.has(box)) ends.set(box, Date.now() / 1000 + Number(box.dataset.left));
  const left = Math.ceil(ends.get(box) - Date.now() / 1000),
    h = Math.floor(left / HOUR),
    m = Math.floor(left / 60) % 60;
  if (left <= 0 && !box.hidden) document.dispatchEvent(new Event("lectern:changed")); // state.js asks at once
  box.hidden = left <= 0 || left >= DAY;
  put(
    box.querySelector("b"),
    left < HOUR ? clock(left) : box.dataset.hours.replace("{h}", h).replace("{m}", m),
  );
}

setInterval(tick, 1000);
tick();
