// Order entry: the draft saves itself every five seconds while something changes, and by ⌘S.
const form = document.querySelector("form[data-entry]");
const EVERY = Number(form?.dataset.every ?? 5000);

if (form) {
  const said = form.querySelector("[data-saved]");
  const missing = form.querySelector("[data-missing]");
  let dirty = false;
  let stopped = false;
  let running = null;

  const take = (draft) => {
    form.elements.version.value = draft.version;
    form.elements.opened.value = draft.opened;
    form.action = draft.url;
    if (location.pathname !== draft.url) history.replaceState(null, "", draft.url);
    form.querySelector("[data-number]").textContent = draft.number;
    missing.textContent = draft.missing.length ? `${missing.dataset.words} ${draft.missing.join(", ")}` : "";
    said.textContent = draft.saved;
  };

  const send = async () => {
    dirty = false;
    const data = new FormData(form);
    data.set("autosave", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data });
      if (answer.redirected || !answer.headers.get("Content-Type")?.includes("json")) {
        stopped = true;
        said.textContent = said.dataset.gone;
        return;
      }
      const draft = await answer.json();
      if (answer.ok) take(draft);
      else said.textContent = said.dataset.refused.replace("{why}", draft.error);
      if (answer.status === 409) {
        stopped = true;
        form.querySelector("[data-conflict]").hidden = false;
      }
    } catch {
      dirty = true;
      said.textContent = said.dataset.offline;
    }
  };
  const save = () => {
    running ??= send().finally(() => { running = null; });
    return running;
  };

  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("change", () => { dirty = true; });
  setInterval(() => {
    if (dirty && !stopped && form.elements.customer.value.trim()) save();
  }, EVERY);
  document.addEventListener("keydown", (event) => {
    if (!(event.metaKey || event.ctrlKey) || event.key !== "s") return;
    event.preventDefault();
    if (form.elements.customer.value.trim()) save();
    else said.textContent = said.dataset.nobody;
  });
  // What is being saved is finished first, so that the form never stands against itself.
  form.addEventListener("submit", (event) => {
    stopped = true;
    if (!running) return;
    event.preventDefault();
    event.stopPropagation();
    const button = event.submitter;
    running.then(() => form.requestSubmit(button));
  });
}
