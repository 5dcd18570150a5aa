"use strict";

// The two views of the page, and small things that every file uses.
// Text of models enters the page through textContent alone, never as markup.

const byId = (id) => document.getElementById(id);
const ROOT = document.documentElement;

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

const whole = (n) => n.toLocaleString("en");

function markThemeButton() {
  const dark = shownTheme() === "dark";
  byId("theme").setAttribute("aria-pressed", dark);
}

byId("theme").addEventListener("click", () => {
  const theme = shownTheme() === "dark" ? "light" : "dark";
  showTheme(theme);
  rememberTheme(theme);
  markThemeButton();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", markThemeButton);
markThemeButton();

// "#browse?in=microgsm&how=only-a" is the browser with these filters; every other hash is a place
// in the report. Returns the filters, or null in the report.
function readHash() {
  const [name, query = ""] = location.hash.slice(1).split("?");
  return name === "browse" && byId("browse") ? new URLSearchParams(query) : null;
}

function showView() {
  const wanted = readHash();
  const view = wanted ? "browse" : "report";
  const changed = document.body.dataset.view !== view;
  document.body.dataset.view = view;
  for (const link of document.querySelectorAll("[data-to]"))
    if (link.dataset.to === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  if (changed && view === "report" && location.hash.length > 1)
    byId(location.hash.slice(1))?.scrollIntoView();
  else if (changed) scrollTo(0, 0);
  return wanted;
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId(document.body.dataset.view === "browse" ? "list" : "content").focus();
});

showView();
