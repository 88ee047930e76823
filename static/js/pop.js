// A button with a small panel above it. Escape, a click elsewhere and leaving it by Tab
// close it; the focus goes back to the button, or after a mouse to the page and its keys.

import { el } from "./dom.js";

export function pop(button, panel, { onopen } = {}) {
  const box = el("div", { class: "bar-pop" }, button, panel);
  let byMouse = false;
  const close = back => {
    if (panel.hidden) return;
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (!back) return;
    if (byMouse) document.activeElement?.blur();
    else button.focus();
  };
  panel.hidden = true;
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", event => {
    byMouse = event.detail > 0;
    if (!panel.hidden) return close(true);
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    onopen?.();
    (panel.querySelector("[aria-checked=true], input, button") ?? panel).focus();
  });
  box.addEventListener("keydown", event => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    close(true);
  });
  box.addEventListener("focusout", event => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) close(false);
  });
  const outside = event => {
    if (!box.contains(event.target)) close(false);
  };
  document.addEventListener("pointerdown", outside);
  return { box, close, destroy: () => document.removeEventListener("pointerdown", outside) };
}

// Up and down move between the choices of a menu.
export function arrows(menu) {
  menu.addEventListener("keydown", event => {
    const items = [...menu.querySelectorAll("[role=menuitemradio]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !items.length) return;
    event.preventDefault();
    event.stopPropagation();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });
}
