// Keys: G and a letter goes somewhere, a letter on a control presses it; in a list J and K move,
// X selects, Shift X selects up to here; on an order J and K go through its list, ? helps. The help
// is drawn from config/shortcuts.py.
import { open, selectUpTo } from "./shell.js";

const typing = (event) => event.target.closest(
  "input:not([type=checkbox]), textarea, select, [contenteditable]",
);
const off = () => document.documentElement.dataset.shortcuts === "off";
let goneAt = 0;

function go(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

function press(key) {
  const control = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!control) return false;
  if (control.matches("input, textarea")) control.focus();
  else control.click();
  return true;
}

function find() {
  const field = document.getElementById("q");
  if (field) field.focus();
  else open("palette");
  return true;
}

function move(step) {
  const beside = document.querySelector(step > 0 ? "[data-next]" : "[data-previous]");
  if (beside) beside.click();
  const links = [...document.querySelectorAll(".rowlink")];
  if (beside || !links.length) return;
  let here = links.indexOf(document.activeElement);
  if (here < 0) here = links.findIndex((link) => link.hasAttribute("aria-current"));
  links[Math.max(0, Math.min(links.length - 1, here + step))].focus();
}

const here = () => document.activeElement.closest("tr")?.querySelector("input[name=o]");

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => here()?.click(),
  X: () => { if (here()) selectUpTo(here()); },
  "?": () => open("shortcuts"),
  "/": find,
};

function withCommand(event) {
  if (event.key.toLowerCase() === "k" && open("palette")) event.preventDefault();
  if (event.key !== "Enter" || event.target.closest("dialog.palette")) return;
  const form = event.target.closest("form");
  (form?.querySelector("[data-submit]") ?? document.querySelector("[data-submit]"))?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey) {
    withCommand(event);
    return;
  }
  if (off() || event.altKey || typing(event) || document.querySelector("dialog[open]")) return;
  if (goneAt && Date.now() - goneAt < 1200 && go(event.key)) return;
  goneAt = event.key === "g" ? Date.now() : 0;
  if (KEYS[event.key]) {
    KEYS[event.key]();
    event.preventDefault();
  } else if (/^[a-z]$/.test(event.key) && press(event.key)) event.preventDefault();
});

document.querySelector(".qitem[aria-current]")?.scrollIntoView({ block: "nearest" });
