// A field that offers what the server finds: arrows move, Enter takes, Escape closes.
// <input role=combobox data-source="/…/" aria-controls="list">, options carry data-value.
const DELAY = 120;

function close(input) {
  const list = document.getElementById(input.getAttribute("aria-controls"));
  list.hidden = true;
  delete list.dataset.chosen;
  list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function mark(input, options, index) {
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
  if (options[index]) {
    input.setAttribute("aria-activedescendant", options[index].id);
    options[index].scrollIntoView({ block: "nearest" });
  }
}

function take(input, option) {
  delete input.dataset.typed;
  input.value = option.dataset.value;
  close(input);
  input.dispatchEvent(new CustomEvent("taken", { bubbles: true, detail: option.dataset }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

async function search(input) {
  const words = input.value.trim();
  if (words.length < 2) return close(input);
  const url = new URL(input.dataset.source, location.href);
  url.searchParams.set("q", words);
  for (const name of (input.dataset.with ?? "").split(" ").filter(Boolean)) {
    url.searchParams.set(name, input.form.elements[name]?.value ?? "");
  }
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok || input.value.trim() !== words || document.activeElement !== input) return undefined;
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const fragment = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceChildren(...fragment.body.children);
  list.dataset.words = words;
  const options = [...list.querySelectorAll("[role=option][data-value]")];
  options.forEach((option, i) => { option.id = `${list.id}-${i}`; });
  list.hidden = !list.children.length;
  input.setAttribute("aria-expanded", String(!list.hidden));
  mark(input, options, 0);
  return undefined;
}

const waiting = new WeakMap();
document.addEventListener("input", (event) => {
  const input = event.target.closest("[role=combobox][data-source]");
  if (!input) return;
  clearTimeout(waiting.get(input));
  delete document.getElementById(input.getAttribute("aria-controls")).dataset.chosen;
  input.dataset.typed = "1";
  waiting.set(input, setTimeout(() => search(input), DELAY));
});

// Before anything else on the page: Enter in an open list chooses, it does not go on.
document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("[role=combobox][data-source]");
  if (!input) return;
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const options = [...list.querySelectorAll("[role=option][data-value]")];
  const here = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  // What was found for fewer letters is not what is meant now, unless it was chosen by an arrow.
  const fresh = list.dataset.words === input.value.trim() || "chosen" in list.dataset;
  if (/^Arrow(Up|Down)$/.test(event.key) && options.length) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark(input, options, (here + step + options.length) % options.length);
    list.dataset.chosen = "1";
  } else if (event.key === "Enter" && options[here] && !list.hidden && fresh) {
    event.preventDefault();
    event.stopImmediatePropagation();
    take(input, options[here]);
  } else if (event.key === "Enter" && "wait" in input.dataset && input.dataset.typed) {
    // Who types faster than the server finds is answered with the first that it finds.
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(waiting.get(input));
    search(input).then(() => {
      const first = list.querySelector("[role=option][data-value]");
      delete input.dataset.typed;
      if (first) take(input, first);
    });
  } else if (event.key === "Escape") close(input);
}, true);

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest("[role=option][data-value]");
  if (!option) return;
  event.preventDefault();
  const list = option.closest("[role=listbox]");
  take(document.querySelector(`[aria-controls="${list.id}"]`), option);
});

document.addEventListener("focusout", (event) => {
  const input = event.target.closest?.("[role=combobox][data-source]");
  if (input) {
    clearTimeout(waiting.get(input));
    close(input);
  }
});
