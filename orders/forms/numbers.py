"""The fields of numbers: every form reads them by the one rule of ``config.kernel.typed``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from config.kernel import typed

UNREADABLE = "unreadable"  # the code of the mistake


class AmountField(forms.DecimalField):
    """An amount or a share, as the language of the page writes it: 1,234.50 or 1.234,50."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """The number, or the sentence that shows how to write it."""
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            return typed.decimal(str(value))
        except typed.Unreadable as why:
            raise forms.ValidationError(str(why), code=UNREADABLE) from why

    def prepare_value(self, value: Any) -> Any:
        """What stands in the field is written as it would be typed."""
        return typed.written(value) if isinstance(value, Decimal) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits, where there is one."""
        return {**super().widget_attrs(widget), "inputmode": "decimal"}


class WholeField(forms.IntegerField):
    """A whole number, of units above all; its thousands may stand apart: 1,234 or 1.234."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        """The number, or the sentence that shows how to write it."""
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            return typed.whole(str(value))
        except typed.Unreadable as why:
            raise forms.ValidationError(str(why), code=UNREADABLE) from why

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits, where there is one."""
        return {**super().widget_attrs(widget), "inputmode": "numeric"}
