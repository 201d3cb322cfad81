// The palette: what is typed is looked for at once; arrows move, Enter opens, ⌘Enter in a new tab.
const DELAY = 120;
const palette = document.getElementById("palette");
const input = palette?.querySelector("input");
const list = document.getElementById("palette-list");
const count = palette?.querySelector("[data-palette-count]");
let waiting = 0;
let shown = null;

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

function mark(index) {
  const found = options();
  found.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
  if (!found[index]) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  input.setAttribute("aria-activedescendant", found[index].id);
  found[index].scrollIntoView({ block: "nearest" });
}

async function search() {
  const words = input.value.trim();
  const url = new URL(palette.dataset.source, location.href);
  url.searchParams.set("q", words);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok || input.value.trim() !== words) return;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceChildren(...found.body.children);
  options().forEach((option, i) => { option.id = `palette-${i}`; });
  input.setAttribute("aria-expanded", String(options().length > 0));
  count.textContent = words ? `${options().length} ${count.dataset.words}` : "";
  shown = words;
  mark(words ? 0 : -1);
}

function keyed(event) {
  const found = options();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!found.length) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark((chosen() + step + found.length) % found.length);
  } else if (event.key === "Enter") {
    event.preventDefault();
    follow(event.metaKey || event.ctrlKey);
  }
}

// Whoever types faster than answers come opens what was typed, not what was shown before.
async function follow(apart) {
  if (shown !== input.value.trim()) {
    clearTimeout(waiting);
    await search().catch(() => {});
  }
  const option = shown === input.value.trim() && options()[chosen()];
  if (!option) input.form.submit();
  else if (apart) window.open(option.href, "_blank", "noopener");
  else location.assign(option.href);
}

if (palette) {
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, DELAY);
  });
  input.addEventListener("keydown", keyed);
  palette.addEventListener("opened", () => {
    input.select();
    search();
  });
}
