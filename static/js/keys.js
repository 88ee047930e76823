// The keyboard, for the whole watch page: one table. Keys typed into fields, and the space key on a focused
// button, are not used.

const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const PRESSABLE = "button, summary, input:not([type=range])";

export function keys(deck, actions, signal) {
  const table = {
    " ": () => deck.toggle(),
    k: () => deck.toggle(),
    j: () => actions.skip(-10),
    l: () => actions.skip(10),
    ArrowLeft: () => actions.skip(-5),
    ArrowRight: () => actions.skip(5),
    "Shift ArrowLeft": () => actions.chapter(-1),
    "Shift ArrowRight": () => actions.chapter(1),
    ArrowUp: () => actions.volume(deck.volume + 0.05, true),
    ArrowDown: () => actions.volume(deck.volume - 0.05, true),
    m: () => actions.mute(true),
    f: () => actions.full(),
    p: () => actions.pip(),
    v: () => actions.nextLayout(),
    s: () => actions.silence(),
    "<": () => actions.rate(deck.rate - 0.25, true),
    ">": () => actions.rate(deck.rate + 0.25, true),
    "?": () => actions.help(),
    Home: () => actions.seek(0),
    End: () => actions.end(),
    n: () => actions.now(),
  };
  for (let digit = 0; digit <= 9; digit++) table[digit] = () => actions.seek((deck.duration * digit) / 10);

  document.addEventListener(
    "keydown",
    event => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target, key } = event;
      if (!(target instanceof Element) || target.matches(TYPING)) return;
      if (key === " " && target.matches(PRESSABLE)) return;
      const inPlayer = target === document.body || target.closest(".player");
      if (
        /^(Arrow|Home|End)/.test(key) &&
        (!inPlayer || (target.matches("[type=range]") && !target.closest(".seek")) || target.closest(".pop"))
      )
        return;
      const act = table[key.length === 1 ? key.toLowerCase() : event.shiftKey ? `Shift ${key}` : key];
      if (!act) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
}
