// A link with data-dialog opens its page as a dialog over this one; the page itself works too.
async function open(link) {
  const answer = await fetch(link.href, { headers: { "X-Dialog": "1" } });
  if (!answer.ok) return location.assign(link.href);
  const fragment = new DOMParser().parseFromString(await answer.text(), "text/html");
  const dialog = document.importNode(fragment.querySelector("dialog"), true);
  const menu = link.closest("details");
  if (menu) menu.open = false;
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    (menu?.querySelector("summary") ?? link).focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  dialog.showModal();
  globalThis.htmx?.process(dialog);
  return undefined;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});
