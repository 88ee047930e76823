// The list of chapters beside the player: the current one is marked and kept in sight, a click goes to its beginning, and
// each has the picture of its slide.

const PICTURE = { w: 96, h: 54 }; // of a chapter, in CSS pixels

export class Chapters {
  #links = [...document.querySelectorAll(".chapters [data-at]")];
  #link = null;

  get label() {
    return this.#link?.querySelector(".chapters-label").textContent ?? "";
  }

  // Marks the chapter at this position; true if it is another one than before. The list scrolls to it unless somebody is
  // reading in the list.
  mark(time) {
    const now = this.#links.findLast(link => Number(link.dataset.at) <= time + 0.05) ?? null;
    if (now === this.#link) return false;
    this.#link?.removeAttribute("aria-current");
    now?.setAttribute("aria-current", "true");
    this.#link = now;
    const side = now?.closest(".watch-side");
    if (!side || side.scrollHeight <= side.clientHeight || side.matches(":hover, :focus-within")) return true;
    const row = now.getBoundingClientRect(),
      box = side.getBoundingClientRect();
    if (row.top < box.top || row.bottom > box.bottom) side.scrollTop += row.top - box.top - box.height / 3;
    return true;
  }

  // Clicks go to `seek`, until the signal.
  wire(seek, signal) {
    document.querySelector(".chapters")?.addEventListener(
      "click",
      event => {
        const link = event.target.closest("[data-at]");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        if (event.detail > 0) link.blur();
        seek(Number(link.dataset.at));
      },
      { signal },
    );
  }

  // A chapter's picture is loaded when it scrolls near: whoever never opens the list loads none.
  pictures(thumbs, signal) {
    const draw = link => {
      const at = Number(link.dataset.at),
        next = this.#links[this.#links.indexOf(link) + 1];
      thumbs.draw(link.querySelector(".chapters-thumb i"), at, {
        end: next ? Number(next.dataset.at) : Infinity,
        box: PICTURE,
      });
    };
    const watch = new IntersectionObserver(
      entries => {
        for (const { isIntersecting, target } of entries)
          if (isIntersecting) {
            watch.unobserve(target);
            draw(target);
          }
      },
      { rootMargin: "200px" },
    );
    for (const link of this.#links) if (link.querySelector(".chapters-thumb")) watch.observe(link);
    signal.addEventListener("abort", () => watch.disconnect());
  }
}
