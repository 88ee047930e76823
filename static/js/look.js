// The look of an organisation: choosing a colour ticks "Its own", and ticking that of the one above takes the choice back. Without
// script the server understands a colour that was changed.

const colour = document.getElementById("accent"),
  own = document.getElementById("own-own"),
  above = document.getElementById("own-above");
colour.addEventListener("input", () => {
  own.checked = true;
});
above.addEventListener("change", () => {
  colour.value = colour.form.elements.shown.value;
});
