// Order entry: the draft saves itself every five seconds while something changes, by ⌘S, and when
// the page is left.
const form = document.querySelector("form[data-entry]");
const EVERY = Number(form?.dataset.every ?? 5000);
const MOST_KEPT_ALIVE = 60000; // bytes: what a browser still sends once its page is left

if (form) {
  const said = form.querySelector("[data-saved]");
  const missing = form.querySelector("[data-missing]");
  let dirty = false;
  let stopped = false;
  let refused = false; // the last edits were not taken
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

  const body = () => {
    const data = new URLSearchParams(new FormData(form));
    data.delete("opened");
    data.set("autosave", "1");
    return data;
  };
  const outlives = (data) => data.toString().length < MOST_KEPT_ALIVE;

  const send = async () => {
    dirty = false;
    const data = body();
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, keepalive: outlives(data) });
      refused = !answer.ok;
      if (answer.redirected || [403, 404].includes(answer.status)) {
        stopped = true;
        said.textContent = said.dataset.gone;
        return;
      }
      if (!answer.headers.get("Content-Type")?.includes("json")) {
        dirty = answer.status >= 500; // that may pass; what is too much stays so
        said.textContent = dirty ? said.dataset.failed : said.dataset.unread;
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

  const due = () => dirty && !stopped && form.elements.customer.value.trim();
  const catchUp = () => { if (due()) save(); };

  // The address knows a form that has no order yet, so that coming back to it finds its draft.
  const touched = () => {
    dirty = true;
    const here = new URL(location);
    const key = form.elements.key.value;
    if (!key || here.pathname !== new URL(form.action).pathname) return;
    here.searchParams.set("key", key);
    if (here.href !== location.href) history.replaceState(null, "", here);
  };

  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  setInterval(catchUp, EVERY);
  // Who leaves takes nothing along: the last edits are sent, after those that are still on their way.
  const leave = () => (running ? running.then(catchUp) : catchUp());
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  addEventListener("beforeunload", (event) => {
    const late = due() && (running || !outlives(body()));
    if (late || (refused && !stopped)) event.preventDefault();
  });
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
