"""Master data of sending: carriers and what they charge."""

from __future__ import annotations

from django.contrib import admin

from fulfillment.models import Carrier, ShippingRate


class ShippingRateInline(admin.TabularInline[ShippingRate, Carrier]):
    """What the carrier charges, by currency."""

    model = ShippingRate
    extra = 1


@admin.register(Carrier)
class CarrierAdmin(admin.ModelAdmin[Carrier]):
    """Carriers with their rates."""

    list_display = ["code", "name", "is_active"]
    inlines = [ShippingRateInline]
