"use strict";

// Runs in the head, before anything is painted: a chosen theme must not flash the other one.
// What is chosen is kept only where it differs from the system's.

const THEME = "cotkd-theme";

const systemTheme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

const shownTheme = () => document.documentElement.dataset.theme ?? systemTheme();

function showTheme(theme) {
  const root = document.documentElement;
  if (theme === systemTheme()) delete root.dataset.theme;
  else root.dataset.theme = theme;
}

// A browser may refuse storage to files: then the choice lasts as long as the page.
function rememberTheme(theme) {
  try {
    if (theme === systemTheme()) localStorage.removeItem(THEME);
    else localStorage.setItem(THEME, theme);
  } catch {}
}

try {
  const kept = localStorage.getItem(THEME);
  if (kept === "dark" || kept === "light") showTheme(kept);
} catch {}
