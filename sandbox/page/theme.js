// Light, dark, or as the system has it. What was chosen is remembered; ?theme=dark counts for this visit only.

const key = "sandbox-theme";
export const themes = ["auto", "light", "dark"];

function remembered() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden; the page works without
  }
}

const asked = new URLSearchParams(location.search).get("theme");
let theme = [asked, remembered()].find((name) => themes.includes(name)) ?? "auto";

export const currentTheme = () => theme;

export function useTheme(name = theme) {
  theme = name;
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function nextTheme() {
  useTheme(themes[(themes.indexOf(theme) + 1) % themes.length]);
  try {
    localStorage.setItem(key, theme);
  } catch {
    // See above.
  }
}
