// Builds elements: el("button", {class: "bar-play", onclick}, ...children). Properties
// that start with "on" are listeners, others attributes; null and false are left out.

export function el(name, props = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  play: "M6 4v16l14-8z",
  pause: "M6 4h4.500v16H6zm7.500 0H18v16h-4.500z",
  replay: "M12 5V1L6 6l6 5V7a6 6 0 1 1-6 6H4a8 8 0 1 0 8-8z",
  sound: "M3 9v6h4l5 5V4L7 9zm11.500-1.800v9.600a5.500 5.500 0 0 0 0-9.600z",
  muted:
    "M3 9v6h4l5 5V4L7 9zm18.500.900-1.400-1.400-2.600 2.600-2.600-2.600-1.400 1.400 2.600 2.600-2.600 2.600 1.400 1.400 2.600-2.600 2.600 2.600 1.400-1.400-2.600-2.600z",
  full: "M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z",
  unfull: "M8 4h2v6H4V8h4zm6 0h2v4h4v2h-6zM4 14h6v6H8v-4H4zm10 0h6v2h-4v4h-2z",
  pip: "M3 5h18v14H3zm2 2v10h14V7zm6 4h6v4h-6z",
};

// A picture for a button that has a name of its own.
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg"),
    path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// Sets text, attributes and properties only where they differ, so that nothing is laid out or spoken again
// without need.
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
export function set(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}
