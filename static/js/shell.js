// Theme, navigation drawer, menus, dialogs, selection, and forms that are sent once.
const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function switchTheme() {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

function count() {
  const boxes = all("input[name=o]");
  const chosen = boxes.filter((box) => box.checked).length;
  const words = document.querySelector("[data-selcount]");
  const head = document.querySelector("[data-checkall]");
  const every = document.querySelector("[data-every]");
  if (every && chosen < boxes.length) every.checked = false;
  const figure = every?.checked ? every.dataset.every : chosen.toLocaleString();
  if (words) words.textContent = `${figure} selected`;
  if (head) {
    head.checked = chosen > 0 && chosen === boxes.length;
    head.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

let last = null;
let ranging = false;
export function selectUpTo(box) {
  ranging = true;
  box.click();
  ranging = false;
}

export function clearSelection() {
  const boxes = all("input[name=o]:checked, [data-checkall], [data-every]");
  boxes.forEach((box) => { box.checked = false; });
  last = null;
  count();
}

function select(box, ranged) {
  const boxes = all("input[name=o]");
  const here = boxes.indexOf(box);
  if (ranged && last !== null) {
    const [from, to] = [Math.min(here, last), Math.max(here, last)];
    boxes.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
  }
  last = here;
  count();
}

document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.closest("[data-print]")) print();
  const toggle = target.closest("[data-toggle]");
  if (toggle?.dataset.toggle === "theme") switchTheme();
  else if (toggle) root.toggleAttribute(`data-${toggle.dataset.toggle}`);
  else if (root.hasAttribute("data-nav-open") && !target.closest(".app-nav")) {
    root.removeAttribute("data-nav-open");
  }
  if (target.closest("[data-clearsel]")) clearSelection();
  all("details.menu[open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
  if (target.matches("input[name=o]")) select(target, event.shiftKey || ranging);
  if (target.matches("[data-every]")) {
    all("input[name=o]").forEach((box) => { box.checked ||= target.checked; });
    count();
  }
  if (target.matches("[data-checkall]")) {
    all("input[name=o]").forEach((box) => { box.checked = target.checked; });
    count();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!document.querySelector("details.menu[open], dialog[open]")) clearSelection();
  all("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// A form is sent once: the second click finds the button busy.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const button = event.submitter;
  if (button) setTimeout(() => { button.setAttribute("aria-busy", "true"); }, 0);
});
addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => {
  delete form.dataset.sent;
}));

document.querySelector("[data-autofocus]")?.focus();
