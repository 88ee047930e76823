// Texts come from the page, already in the reader's language: one <data value="key">
// for each in a <template>. Also the few formats that texts need.

export function texts(templateId) {
  const found = new Map();
  const template = document.getElementById(templateId);
  for (const item of template?.content.querySelectorAll("data") ?? [])
    found.set(item.value, item.textContent);
  // t("key", {n: 3}): a missing key is shown as the key, as on the server.
  return (key, values = {}) =>
    (found.get(key) ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const lang = document.documentElement.lang || "en";

// 1:28:03 or 4:07; seconds in, whole seconds out.
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const two = n => String(n).padStart(2, "0");
  const h = Math.floor(whole / 3600),
    m = Math.floor(whole / 60) % 60,
    s = whole % 60;
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export const number = (value, digits = 0) => value.toLocaleString(lang, { maximumFractionDigits: digits });

// Bytes as people say them: 850 KB, 41.2 MB, 1.3 GB.
export function bytes(count) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let step = 0;
  while (count >= 1000 && step < units.length - 1) {
    count /= 1000;
    step++;
  }
  return `${number(count, step > 1 && count < 100 ? 1 : 0)} ${units[step]}`;
}
