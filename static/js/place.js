// Runs while the watch page is still being parsed, so that nothing below the player moves later: the space
// reserved for it gets the shape of the layout that was chosen last time in this browser. player.js then
// builds the player.

(root => {
  const views = root.dataset.views.split(" "),
    both = views.includes("CAM") && views.includes("PRES");
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem("lectern.player")) ?? {};
  } catch {
    /* forbidden, or not ours */
  }
  if (!both || !(chosen.layout === "both" || views.includes(chosen.layout))) return;
  root.classList.add(chosen.layout === "both" ? "both" : "single");
  if (chosen.split > 0) root.style.setProperty("--split", chosen.split);
})(document.getElementById("player"));
