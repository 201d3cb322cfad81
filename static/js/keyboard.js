// Keys: G and a letter goes somewhere, a letter on a control presses it; in a list J and K move,
// X selects, Shift X selects up to here.
import { selectUpTo } from "./shell.js";

const typing = (event) => event.target.closest(
  "input:not([type=checkbox]), textarea, select, [contenteditable]",
);
let goneAt = 0;

function go(key) {
  const link = document.querySelector(`[data-go="${key}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

function press(key) {
  const control = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!control) return false;
  if (control.matches("input")) control.focus();
  else control.click();
  return true;
}

function move(step) {
  const links = [...document.querySelectorAll(".rowlink")];
  if (!links.length) return;
  let here = links.indexOf(document.activeElement);
  if (here < 0) here = links.findIndex((link) => link.hasAttribute("aria-current"));
  links[Math.max(0, Math.min(links.length - 1, here + step))].focus();
}

document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key === "Enter") {
    document.querySelector("[data-submit]")?.click();
    return;
  }
  if (document.documentElement.dataset.shortcuts === "off") return;
  const busy = typing(event) || event.metaKey || event.ctrlKey || event.altKey;
  if (busy || document.querySelector("dialog[open]")) return;
  if (goneAt && Date.now() - goneAt < 1200 && go(event.key)) return;
  goneAt = event.key === "g" ? Date.now() : 0;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "x" || event.key === "X") {
    const box = document.activeElement.closest("tr")?.querySelector("input[name=o]");
    if (box && event.shiftKey) selectUpTo(box);
    else box?.click();
  } else if (/^[a-z/]$/.test(event.key) && press(event.key)) event.preventDefault();
});

document.querySelector(".qitem[aria-current]")?.scrollIntoView({ block: "nearest" });
