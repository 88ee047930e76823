// Buttons that copy a field: <button data-copy="ID" data-done="Copied" data-hand="…">. Where the browser does not let pages
// copy, the text is selected and the button says so. A page with a secret that is shown once ([data-once]) does not come
// back from the browser's memory.

function select(field) {
  field.focus();
  field.setSelectionRange(0, field.value.length);
}

async function write(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    select(field);
    return document.execCommand("copy"); // pages without TLS have no navigator.clipboard
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy),
    label = button.textContent,
    status = document.createElement("span");
  let timer = 0;
  status.className = "hidden";
  status.setAttribute("role", "status");
  button.after(status);
  field.addEventListener("focus", () => select(field));
  button.addEventListener("click", async () => {
    const text = (await write(field)) ? button.dataset.done : button.dataset.hand;
    button.textContent = status.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = label;
      status.textContent = "";
    }, 4000);
  });
}

const once = document.querySelector("[data-once]");
if (once)
  addEventListener("pageshow", event => {
    if (event.persisted) location.replace(location.href);
  });
