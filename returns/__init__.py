"""Goods that come back, and what is given for them."""
