// Every page: menus that close by themselves, focus on the errors of a form, parts that open where a value is refused, and typed
// text that is kept if the page is lost. Pages work without it.

// Menus are <details>: only one is open, Escape and a click elsewhere close it.
const menus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", event => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", event => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// A browser that refuses a value can say so only at a field that is in sight.
document.addEventListener(
  "invalid",
  event => {
    for (let part = event.target.closest("details"); part; part = part.parentElement.closest("details"))
      part.open = true;
  },
  true,
);

// After a refused form the summary of errors gets the focus; its links lead to the fields.
document.getElementById("errors")?.focus();

// Typed text is kept until it is sent, with what the form was made of; passwords and files are not kept. A form that the server returns with
// errors already has the text.
const kept = form => `lectern.form.${form.dataset.keep}`;
const fields = form =>
  [...form.elements].filter(
    field =>
      field.name === "seen" ||
      (field.name &&
        field.name !== "csrf" &&
        field.name !== "nonce" &&
        !["password", "file", "hidden", "submit", "button"].includes(field.type)),
  );
const choice = field => field.type === "checkbox" || field.type === "radio";

function keep(form) {
  const values = fields(form).map(field => [
    field.id || field.name,
    choice(field) ? field.checked : field.value,
  ]);
  try {
    sessionStorage.setItem(kept(form), JSON.stringify(values));
  } catch {
    /* full or forbidden */
  }
}

function restore(form) {
  let values;
  try {
    values = JSON.parse(sessionStorage.getItem(kept(form)));
  } catch {
    return;
  }
  for (const [id, value] of values ?? []) {
    const field = form.elements.namedItem(id) ?? document.getElementById(id);
    if (!field || !form.contains(field)) continue;
    if (choice(field)) field.checked = value;
    else field.value = value;
  }
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  if (!form.querySelector("[aria-invalid=true]")) restore(form);
  form.addEventListener("input", () => keep(form));
  form.addEventListener("submit", () => {
    try {
      sessionStorage.removeItem(kept(form));
    } catch {
      /* forbidden */
    }
  });
}
