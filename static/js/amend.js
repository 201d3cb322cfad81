// Lines to be added to an order: the last row is always empty, Enter goes to the next cell.
const grid = document.querySelector("[data-amend-grid]");

if (grid) {
  const body = grid.querySelector("tbody");
  const total = grid.closest("form").querySelector("[name=added-TOTAL_FORMS]");
  const cells = () => [...body.querySelectorAll("input")];

  const keepEmpty = () => {
    const last = [...body.querySelectorAll("[data-sku]")].at(-1);
    if (last && !last.value.trim()) return;
    const holder = document.createElement("tbody");
    const row = document.querySelector("template[data-amend-row]").innerHTML;
    holder.innerHTML = row.replaceAll("__prefix__", total.value);
    body.append(...holder.children);
    total.value = String(Number(total.value) + 1);
  };

  grid.addEventListener("input", keepEmpty);
  grid.addEventListener("taken", (event) => {
    keepEmpty();
    event.target.closest("tr").querySelector("[data-quantity]").focus();
  });
  grid.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const each = cells();
    each[Math.min(each.length - 1, each.indexOf(event.target) + 1)].focus();
  });
  keepEmpty();
}
