"""The shape of the code is kept: sizes, names, words, locks, layers."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

from config.env import ROOT
from orders.models import EDGES, Order
from orders.models.transitions import OrderTransitions

APPS = ("config", "inventory", "orders", "fulfillment", "finance", "returns")
MODULES = [
    file
    for app in APPS
    for file in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in file.parts
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in MODULES:
        yield file, ast.parse(file.read_text())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    files = [
        *MODULES,
        *TEMPLATES,
        *(ROOT / "static").rglob("*.css"),
        *(ROOT / "tests").rglob("*.py"),
    ]

    long = {str(f.relative_to(ROOT)): n for f in files if (n := f.read_text().count("\n")) > 400}

    assert long == {}


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [
        f"{file.relative_to(ROOT)}:{node.name}"
        for file, tree in trees()
        for node in functions(tree)
        if (node.end_lineno or 0) - node.lineno + 1 > 40
    ]

    assert long == []


def test_every_module_class_and_public_function_says_what_it_means() -> None:
    silent = []
    for file, tree in trees():
        public = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        ]
        silent += [f"{file.relative_to(ROOT)}" for node in [tree] if not ast.get_docstring(node)]
        silent += [f"{file.name}:{node.name}" for node in public if not ast.get_docstring(node)]

    assert silent == []


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "misc", "base2"}

    assert [file for file in MODULES if file.stem in drawers] == []


def test_rows_are_locked_in_the_named_places_only() -> None:
    allowed = {"locked", "claimed"}
    elsewhere = [
        f"{file.relative_to(ROOT)}:{node.name}"
        for file, tree in trees()
        for node in functions(tree)
        if node.name not in allowed
        for call in ast.walk(node)
        if (isinstance(call, ast.Attribute) and call.attr in {"select_for_update", "LOCKED"})
        or (isinstance(call, ast.Constant) and "FOR NO KEY UPDATE" in str(call.value))
    ]

    assert elsewhere == []


def test_no_step_catches_an_error_of_the_database() -> None:
    """Its statements run ahead: where one of them was sent, its error is not known yet."""
    caught = {"DatabaseError", "DataError", "IntegrityError", "OperationalError", "Error"}
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file, tree in trees()
        if {"lifecycle", "services"} & {*file.parts, file.stem}
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        for name in ast.walk(node.type)
        if caught & {getattr(name, "id", ""), getattr(name, "attr", "")}
    ]

    assert found == []


def test_every_module_stands_in_one_layer_or_is_named_as_outside() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name for row in layers for name in re.findall(r"[\w.]+", row)}
    outside = re.compile(
        r"(config\.(settings|env|accounts|migrations|translations)|\w+\.apps|\w+\.reference|\w+)(\.__init__)?$"
    )
    lost = []
    for file in MODULES:
        dotted = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if not outside.match(dotted) and not any(
            dotted == name or dotted.startswith(f"{name}.") for name in named
        ):
            lost.append(dotted)

    assert lost == []


def test_every_condition_of_the_state_machine_has_words() -> None:
    wordless = [
        f"{name}: {condition}"
        for name in dir(OrderTransitions)
        if (meta := getattr(getattr(OrderTransitions, name), "_django_fsm", None))
        for transition in meta.transitions.values()
        for condition in transition.conditions
        if not hasattr(condition, "why")
    ]

    assert wordless == []


def test_the_state_machine_takes_the_edges_of_the_graph_and_no_others() -> None:
    taken = {
        (str(source), str(transition.target))
        for name in dir(Order)
        if (meta := getattr(getattr(Order, name, None), "_django_fsm", None))
        for source, transition in meta.transitions.items()
        if transition.target is not None
    }

    assert taken == {(str(source), str(target)) for source, target in EDGES if source}


@pytest.mark.django_db
def test_no_migration_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True)

    assert capsys.readouterr().out == "No changes detected\n"


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_templates_compile_and_keep_the_content_policy(file: Path) -> None:
    text = file.read_text()

    get_template(str(file.relative_to(ROOT / "templates")))
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text)


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, f"{prefix}{pattern.namespace or ''}:")
        elif pattern.name:
            yield f"{prefix}{pattern.name}".lstrip(":")


def test_every_address_of_ours_has_a_name() -> None:
    names = set(addresses(get_resolver().url_patterns))

    assert {"orders:list", "orders:order", "fulfillment:pick_lists", "healthz"} <= names
