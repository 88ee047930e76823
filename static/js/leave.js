// A page with one form, which takes the browser to another site: sent at once. Without script there is its button.
document.getElementById("leave").submit();
