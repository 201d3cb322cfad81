"""The files of a Northwind folder: what has to stand in them, and the orders that they tell of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils.translation import gettext, pgettext

from orders.channels import archives
from orders.channels.archives import UnreadableFile
from orders.channels.parsed import Parsed, SourceRow
from orders.channels.reading import Row, rows
from orders.lifecycle.drafts import LARGEST_QUANTITY, LineDraft, OrderDraft
from orders.lifecycle.limits import LARGEST_AMOUNT

CHANNEL, CURRENCY, TERMS = "northwind", "USD", "NET30"
FILES = ("customers", "products", "orders", "order_details", "shippers")
COUNTRIES = {
    "Argentina": "AR", "Austria": "AT", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
    "Denmark": "DK", "Finland": "FI", "France": "FR", "Germany": "DE", "Ireland": "IE",
    "Italy": "IT", "Mexico": "MX", "Norway": "NO", "Poland": "PL", "Portugal": "PT",
    "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "UK": "GB", "USA": "US",
    "Venezuela": "VE",
}  # fmt: skip


@dataclass(slots=True)
class Past:
    """The files of the folder, and what was made of them."""

    tables: dict[str, list[tuple[int, Row]]]
    lines: dict[str, list[tuple[int, Row]]]
    orders: list[Row]


@dataclass(slots=True)
class History(Parsed):
    """The orders of a company, with everything else that is told of it."""

    past: Past = field(default_factory=lambda: Past({}, {}, []))


def read(folder: Path, most: int | None = None) -> Past:
    """Read the folder; a missing file is named, and a cell that cannot be what it should."""
    missing = [name for name in FILES if not (folder / f"{name}.csv").is_file()]
    if missing:
        no = pgettext("between files that are missing", ", no ")
        files = no.join(f"{name}.csv" for name in missing)
        raise UnreadableFile(gettext("The folder has no %(files)s.") % {"files": files})
    tables = {name: rows(folder / f"{name}.csv", most) for name in FILES}
    for name, table in tables.items():
        _check(f"{name}.csv", table, CELLS[name])
    lines: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for number, row in tables["order_details"]:
        lines[row["orderID"]].append((number, row))
    for number, row in tables["orders"]:
        if row["orderID"] not in lines:
            words = gettext("orders.csv, row %(row)s: order %(order)s has no lines.")
            raise UnreadableFile(words % {"row": number, "order": row["orderID"]})
    return Past(tables, lines, [row for _, row in tables["orders"]])


def _check(file: str, table: list[tuple[int, Row]], cells: dict[str, Callable[[str], Any]]) -> None:
    """Every cell that a history needs is there and can be read."""
    words = gettext("%(file)s, row %(row)s: “%(text)s” in %(column)s cannot be read.")
    if not table:
        raise UnreadableFile(gettext("%(file)s has no rows.") % {"file": file})
    for number, row in table:
        for column, reader in cells.items():
            try:
                reader(row[column])
            except (KeyError, ValueError, ArithmeticError) as error:
                told = {"file": file, "row": number, "column": column, "text": row.get(column, "")}
                raise UnreadableFile(words % told) from error


def _units(text: str) -> int:
    """Units: as many as an order may have."""
    if not 0 <= (units := int(text)) <= LARGEST_QUANTITY:
        raise ValueError(text)
    return units


def _amount(text: str) -> Decimal:
    """An amount that can be booked."""
    if not 0 <= (amount := Decimal(text)) <= LARGEST_AMOUNT:
        raise ValueError(text)
    return amount


def text_of(row: Row, name: str) -> str:
    """A cell; the word NULL stands for an empty one."""
    return "" if row[name] == "NULL" else row[name]


def moment(text: str) -> datetime:
    """The morning of a day."""
    return datetime.fromisoformat(text[:10]).replace(hour=9, tzinfo=UTC)


# The cells that a history cannot do without, and how each is read.
CELLS: dict[str, dict[str, Callable[[str], Any]]] = {
    "customers": {"customerID": str, "companyName": str, "country": COUNTRIES.__getitem__},
    "products": {
        "productID": int,
        "productName": str,
        "quantityPerUnit": str,
        "unitPrice": _amount,
        "unitsInStock": _units,
    },
    "shippers": {"shipperID": int, "companyName": str},
    "orders": {
        "orderID": int,
        "customerID": str,
        "orderDate": moment,
        "requiredDate": moment,
        "shippedDate": lambda text: text in {"", "NULL"} or moment(text),
        "shipVia": int,
        "freight": _amount,
        "shipCountry": COUNTRIES.__getitem__,
    },
    "order_details": {
        "orderID": int,
        "productID": int,
        "unitPrice": _amount,
        "quantity": _units,
        "discount": _amount,
    },
}
# What a column of the lines is called elsewhere.
COLUMNS = {
    "order": "orderID",
    "sku": "productID",
    "quantity": "quantity",
    "price": "unitPrice",
    "discount": "discount",
}


def history(folder: Path, most: int | None = None) -> History:
    """The company of a folder, with a draft for every order."""
    past = read(folder, most)
    parsed = parse(past)
    return History(parsed.drafts, parsed.rows, COLUMNS, past)


def archived(file: Path, most: int | None = None) -> History:
    """The same of an archive that the folder was packed into."""
    with TemporaryDirectory() as folder:
        archives.unpack(file, [f"{name}.csv" for name in FILES], Path(folder))
        return history(Path(folder), most)


def parse(past: Past) -> Parsed:
    """A draft for every order, one row of the file for each of its lines."""
    parsed = Parsed()
    for index, order in enumerate(past.orders):
        parsed.drafts.append(_draft(order, past.lines[order["orderID"]]))
        parsed.rows += [
            SourceRow(number, row, index, line)
            for line, (number, row) in enumerate(past.lines[order["orderID"]])
        ]
    return parsed


def _draft(order: Row, lines: Iterable[tuple[int, Row]]) -> OrderDraft:
    return OrderDraft(
        customer=order["customerID"],
        channel=CHANNEL,
        external_id=order["orderID"],
        currency=CURRENCY,
        terms=TERMS,
        shipping=Decimal(order["freight"]),
        requested_on=moment(order["requiredDate"]).date(),
        ship_to={
            "name": text_of(order, "shipName"),
            "line1": text_of(order, "shipAddress"),
            "city": text_of(order, "shipCity"),
            "region": text_of(order, "shipRegion"),
            "postal_code": text_of(order, "shipPostalCode"),
            "country": COUNTRIES[order["shipCountry"]],
        },
        lines=[
            LineDraft(
                f"NW-{row['productID']}",
                int(row["quantity"]),
                Decimal(row["unitPrice"]),
                Decimal(row["discount"]) * 100,
                Decimal(0),
            )
            for _, row in lines
        ],
    )
