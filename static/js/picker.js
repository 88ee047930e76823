// Choosing an organisation: the search of the form becomes a combobox (ARIA Authoring Practices, "Editable Combobox
// With List Autocomplete") that asks the server while somebody types. Without script the same search sends the form.

const WAIT_MS = 150;

class Picker {
  constructor(field) {
    this.field = field;
    this.name = field.dataset.name;
    this.input = field.querySelector("[type=search]");
    this.hint = document.getElementById(this.input.getAttribute("aria-describedby"));
    this.first = [...field.querySelectorAll(".choice")].map(choice => ({
      id: choice.querySelector("input").value,
      name: choice.querySelector("label").textContent,
      above: choice.querySelector(".hint")?.textContent ?? "",
    }));
    const checked = field.querySelector(".choice input:checked");
    this.chosen = this.first.find(one => one.id === checked?.value) ?? null;
    this.build();
    this.listen();
  }

  build() {
    const { field, input, name } = this;
    for (const one of field.querySelectorAll(".choice, .picker-find label, button, [type=hidden]"))
      one.remove();
    this.value = document.createElement("input");
    Object.assign(this.value, { type: "hidden", name, value: this.chosen?.id ?? "" });
    this.list = document.createElement("ul");
    Object.assign(this.list, { id: `${name}-list`, className: "picker-list", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-labelledby", `${name}-legend`);
    Object.assign(input, { type: "text", value: this.chosen?.name ?? "", required: true });
    input.removeAttribute("name");
    const states = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
      "aria-labelledby": `${name}-legend`,
    };
    for (const [key, text] of Object.entries(states)) input.setAttribute(key, text);
    this.said = this.hint.textContent;
    this.hint.setAttribute("role", "status");
    input.after(this.list);
    field.append(this.value);
    this.check();
  }

  listen() {
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.list.hidden && this.show(this.first));
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", event => this.key(event));
    this.input.addEventListener("blur", () => this.leave());
    // Not "click": the field would lose the focus before.
    this.list.addEventListener("pointerdown", event => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.choose(this.items[[...this.list.children].indexOf(option)]);
    });
  }

  // An empty value is a mistake of the field that people see.
  check() {
    this.input.setCustomValidity(
      this.value.value === "" ? this.field.querySelector("legend").textContent : "",
    );
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    const words = this.input.value.trim();
    if (words === "") return this.show(this.first);
    try {
      const answer = await fetch(`${this.field.dataset.find}&q=${encodeURIComponent(words)}`);
      const found = await answer.json();
      if (words !== this.input.value.trim()) return;
      this.hint.textContent = found.outcome || this.said;
      this.show(found.items.map(one => ({ ...one, id: String(one.id) })));
    } catch {
      this.close();
    }
  }

  show(items) {
    this.items = items;
    this.at = -1;
    this.list.replaceChildren(
      ...items.map((one, i) => {
        const option = document.createElement("li");
        option.id = `${this.name}-list-${i}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.append(one.name);
        if (one.above) {
          const above = document.createElement("span");
          above.className = "hint";
          above.textContent = one.above;
          option.append(above);
        }
        return option;
      }),
    );
    this.list.hidden = items.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    clearTimeout(this.timer);
    this.show([]);
  }

  move(step) {
    const { children } = this.list;
    children[this.at]?.setAttribute("aria-selected", "false");
    this.at = (this.at + step + children.length + (this.at < 0 && step < 0 ? 1 : 0)) % children.length;
    children[this.at].setAttribute("aria-selected", "true");
    children[this.at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", children[this.at].id);
  }

  choose(item) {
    this.chosen = item;
    this.value.value = item.id;
    this.input.value = item.name;
    this.check();
    this.close();
  }

  // What was typed and not chosen is no choice.
  leave() {
    this.close();
    this.input.value = this.chosen?.name ?? "";
  }

  key(event) {
    const open = !this.list.hidden;
    const typed = this.input.value !== (this.chosen?.name ?? ""); // the list may not be there yet
    if (event.key === "Escape" && (open || typed)) {
      this.leave();
      this.input.select(); // as after Tab: what is typed next is a new search
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!open) this.show(this.first);
      if (this.list.children.length) this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && open) {
      if (this.at >= 0) this.choose(this.items[this.at]);
    } else {
      return;
    }
    event.preventDefault();
  }
}

for (const field of document.querySelectorAll(".picker")) new Picker(field);
