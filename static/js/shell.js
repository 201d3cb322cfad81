// Theme, navigation drawer, menus, dialogs, toasts, selection, and forms that are sent once.
const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function switchTheme() {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  return root.dataset.theme;
}

function count() {
  const boxes = all("input[name=o]");
  const chosen = boxes.filter((box) => box.checked).length;
  const words = document.querySelector("[data-selcount]");
  const head = document.querySelector("[data-checkall]");
  const every = document.querySelector("[data-every]");
  if (every && chosen < boxes.length) every.checked = false;
  const total = every?.checked && document.getElementById("total-every").dataset.total;
  const figure = total || chosen.toLocaleString(root.lang);
  if (words) words.textContent = words.dataset.words.replace("{n}", figure);
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

// A dialog keeps the focus within and gives it back when it closes: <dialog> does both.
export function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return false;
  all("details.menu[open]").forEach((menu) => { menu.open = false; });
  dialog.showModal();
  dialog.dispatchEvent(new Event("opened"));
  return true;
}

export function toast(words) {
  let place = document.querySelector(".toasts");
  if (!place) {
    place = document.createElement("div");
    place.className = "toasts";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  const said = document.createElement("div");
  said.className = "toast";
  said.textContent = words;
  place.append(said);
  setTimeout(() => said.remove(), 4000);
}
document.addEventListener("toast", (event) => toast(event.detail.value ?? ""));

async function copy(button) {
  if (!navigator.clipboard) return; // a page without TLS may not
  await navigator.clipboard.writeText(button.dataset.copy);
  toast(button.dataset.copied);
}

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  const across = event.clientX < box.left || event.clientX > box.right;
  return across || event.clientY < box.top || event.clientY > box.bottom;
}

document.addEventListener("click", (event) => {
  const target = event.target;
  const opener = target.closest("[data-open]");
  if (opener && open(opener.dataset.open)) event.preventDefault();
  if (target.closest("[data-close]")) target.closest("dialog").close();
  if (target.matches("dialog") && outside(target, event)) target.close();
  const copied = target.closest("[data-copy]");
  if (copied) copy(copied);
  if (target.closest("[data-print]")) print();
  const toggle = target.closest("[data-toggle]");
  if (toggle?.dataset.toggle === "theme") toggle.value = switchTheme();
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

// Whoever signs in again in another tab makes the tokens of this page stale: it takes the new one.
function renewToken() {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (!token) return;
  all("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
}
addEventListener("focus", renewToken);
addEventListener("submit", renewToken, true);

// A form that leads to another page is sent once: the second click finds the button busy.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
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

// What looks for news by itself rests while nobody sees the page.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-live]")) event.preventDefault();
});

document.querySelector("[data-autofocus]")?.focus();
