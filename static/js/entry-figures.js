// Order entry: after each change the server says what it costs, where it is and by when it is there.
const form = document.querySelector("form[data-entry]");
const DELAY = 150;
const QUIET = 400; // while typing goes on, the server is asked no more often

if (form) {
  let waiting = 0;
  let asked = 0;

  const place = (answer, sent) => {
    for (const piece of answer.querySelectorAll("[data-into]")) {
      const target = document.getElementById(piece.dataset.into);
      if (!target) continue;
      target.replaceChildren(...piece.childNodes);
      const prefix = piece.dataset.into.replace(/-notes$/, "");
      const code = document.getElementById(`id_${prefix}-sku`);
      // What was typed since is newer than the answer.
      const untouched = code && code !== document.activeElement && code.value === sent.get(code.name);
      if (piece.dataset.sku && untouched) code.value = piece.dataset.sku;
      const price = document.getElementById(`id_${prefix}-unit_price`);
      if (price && piece.dataset.into.endsWith("-notes")) price.placeholder = piece.dataset.agreed ?? price.dataset.agreed;
    }
    const options = answer.querySelector("[data-options]");
    const select = options && document.getElementById(options.dataset.options);
    if (select) {
      const chosen = select.value;
      select.replaceChildren(select.options[0], ...options.children);
      select.value = [...select.options].some((option) => option.value === chosen) ? chosen : "";
    }
  };

  const ask = async () => {
    const turn = ++asked;
    const sent = new FormData(form);
    const answer = await fetch(form.dataset.outlook, { method: "POST", body: sent });
    if (!answer.ok || turn !== asked) return;
    place(new DOMParser().parseFromString(await answer.text(), "text/html"), sent);
  };
  const soon = (delay) => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, delay);
  };

  form.addEventListener("change", () => soon(DELAY));
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-quantity], [data-price]")) soon(QUIET);
  });
}
