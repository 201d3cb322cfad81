// Order entry: Enter goes to the next cell, the last row is always empty, a pasted block fills rows.
const grid = document.querySelector("[data-entry-grid]");

if (grid) {
  const body = grid.querySelector("tbody");
  const template = document.querySelector("template[data-entry-row]");
  const total = grid.closest("form").querySelector("[name=lines-TOTAL_FORMS]");

  const rows = () => [...body.querySelectorAll("tr[data-row]")];
  const cells = () => [...body.querySelectorAll("input:not([type=hidden], [type=checkbox])")];
  const sku = (row) => row.querySelector("[data-sku]");

  const add = () => {
    const number = Number(total.value);
    const holder = document.createElement("tbody");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", String(number));
    body.append(...holder.children);
    total.value = String(number + 1);
  };
  const keepEmpty = () => {
    const last = rows().at(-1);
    if (!last || sku(last).value.trim()) add();
  };

  grid.addEventListener("input", keepEmpty);
  grid.addEventListener("change", keepEmpty);
  grid.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.metaKey || event.ctrlKey || event.defaultPrevented) return;
    if (!event.target.matches("input")) return;
    event.preventDefault();
    keepEmpty();
    const each = cells();
    each[Math.min(each.length - 1, each.indexOf(event.target) + 1)].focus();
  });
  grid.addEventListener("taken", (event) => {
    keepEmpty();
    event.target.closest("tr").querySelector("[data-quantity]").focus();
  });
  grid.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!event.target.matches("[data-sku]") || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    let at = rows().indexOf(event.target.closest("tr"));
    for (const line of text.trim().split(/\r?\n/)) {
      const [code, quantity, price] = line.split(/\t|;/).map((part) => part.trim());
      if (at >= rows().length) add();
      const row = rows()[at];
      sku(row).value = code;
      if (quantity) row.querySelector("[data-quantity]").value = quantity;
      if (price) row.querySelector("[data-price]").value = price;
      at += 1;
    }
    keepEmpty();
    sku(rows().at(-1)).dispatchEvent(new Event("change", { bubbles: true }));
  });
  keepEmpty();
}
