// Order entry: Enter goes to the next cell, the last row is always empty, a pasted block fills rows,
// Alt with arrows moves a line, Alt with Backspace takes it out. A price that was typed is of its item.
const form = document.querySelector("form[data-entry]");
const grid = form?.querySelector("[data-entry-grid]");
const FIELDS = "[data-sku], [data-quantity], [data-price], [data-discount], [data-wanted], [data-parts]";

if (grid) {
  const template = document.querySelector("template[data-entry-row]");
  const total = form.querySelector("[name=lines-TOTAL_FORMS]");
  const most = Number(grid.dataset.most);
  const said = form.querySelector("[data-saved]");

  const rows = () => [...grid.querySelectorAll("tbody[data-row]")];
  const fields = (row) => [...row.querySelectorAll(FIELDS)];
  const cells = () => [...grid.querySelectorAll("input[data-cell]")];
  const sku = (row) => row.querySelector("[data-sku]");
  const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

  const add = () => {
    const number = Number(total.value);
    const holder = document.createElement("table");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", String(number));
    grid.append(...holder.children);
    total.value = String(number + 1);
    count();
  };
  const count = () => rows().forEach((row, i) => {
    row.querySelector(".ln").textContent = String(i + 1);
    for (const field of row.querySelectorAll("[data-named]")) {
      field.setAttribute("aria-label", field.dataset.named.replace("{n}", String(i + 1)));
    }
  });
  const keepEmpty = () => {
    const last = rows().at(-1);
    if (!last || sku(last).value.trim()) add();
  };
  const values = (row) => fields(row).map((field) => field.value);
  const items = new WeakMap(); // what each field of an item said when it was last settled
  const settle = (row) => items.set(sku(row), sku(row).value.trim());
  const another = (row) => {
    const before = items.get(sku(row));
    settle(row);
    if (!before || before === sku(row).value.trim()) return;
    for (const field of row.querySelectorAll("[data-price], [data-discount]")) field.value = "";
  };
  const fill = (row, texts) => {
    fields(row).forEach((field, i) => { field.value = texts[i] ?? ""; });
    settle(row);
    row.querySelector("[data-errors]")?.remove();
    row.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
    row.querySelector("tr.err")?.classList.remove("err");
  };
  const move = (cell, step) => {
    const all = rows();
    const from = all.indexOf(cell.closest("tbody"));
    const to = from + step;
    if (to < 0 || to >= all.length || !sku(all[from]).value.trim()) return;
    const [mine, theirs] = [values(all[from]), values(all[to])];
    fill(all[to], mine);
    fill(all[from], theirs);
    const place = fields(all[from]).indexOf(cell);
    fields(all[to])[Math.max(0, place)].focus();
    keepEmpty();
    changed(sku(all[to]));
  };
  const remove = (row) => {
    const all = rows();
    const texts = all.map(values);
    const at = all.indexOf(row);
    for (let i = at; i < all.length; i += 1) fill(all[i], texts[i + 1] ?? []);
    sku(all[at]).focus();
    keepEmpty();
    changed(sku(all[at]));
  };
  const put = (text, at) => {
    const lines = text.trim().split(/\r?\n/);
    if (at + lines.length > most) {
      said.textContent = grid.dataset.tooMany;
      return;
    }
    for (const line of lines) {
      const [code, quantity, price] = line.split(/\t|;/).map((part) => part.trim());
      if (at >= rows().length) add();
      const row = rows()[at];
      settle(row);
      sku(row).value = code;
      another(row);
      if (quantity) row.querySelector("[data-quantity]").value = quantity;
      if (price) row.querySelector("[data-price]").value = price;
      at += 1;
    }
    keepEmpty();
    sku(rows().at(-1)).focus();
    changed(sku(rows().at(-1)));
  };

  grid.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-sku]")) settle(event.target.closest("tbody"));
  });
  grid.addEventListener("change", (event) => {
    if (event.target.matches("[data-sku]")) another(event.target.closest("tbody"));
  });
  grid.addEventListener("input", keepEmpty);
  grid.addEventListener("change", keepEmpty);
  grid.addEventListener("keydown", (event) => {
    if (!event.altKey || !event.target.matches("input")) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      move(event.target, event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Backspace") {
      event.preventDefault();
      remove(event.target.closest("tbody"));
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.metaKey || event.ctrlKey || event.defaultPrevented) return;
    if (!event.target.matches("input, select")) return;
    event.preventDefault();
    if (!event.target.matches("[data-cell]")) {
      const each = [...form.querySelectorAll("input:not([type=hidden]), select, textarea")]
        .filter((field) => field.offsetParent);
      each[Math.min(each.length - 1, each.indexOf(event.target) + 1)].focus();
      return;
    }
    keepEmpty();
    const each = cells();
    each[Math.min(each.length - 1, each.indexOf(event.target) + 1)].focus();
  });
  grid.addEventListener("taken", (event) => {
    keepEmpty();
    event.target.closest("tbody").querySelector("[data-quantity]").focus();
  });
  form.addEventListener("taken", (event) => {
    if (event.target.id === "id_customer") sku(rows()[0]).focus();
  });
  grid.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (button) remove(button.closest("tbody"));
    const fix = event.target.closest("[data-set]");
    if (!fix) return;
    const field = document.getElementById(fix.dataset.set);
    field.value = fix.dataset.value;
    field.focus();
    changed(field);
  });
  form.addEventListener("click", (event) => {
    const usual = event.target.closest("[data-usual]");
    if (!usual) return;
    event.preventDefault();
    put(usual.value.replace("|", "\t"), rows().findIndex((row) => !sku(row).value.trim()));
  });
  grid.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!event.target.matches("[data-sku]") || !/[\t\n;]/.test(text.trim())) return;
    event.preventDefault();
    put(text, rows().indexOf(event.target.closest("tbody")));
  });
  keepEmpty();
  count();
}
