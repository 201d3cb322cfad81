"""Bulk jobs: many orders at once, frozen, previewed, run in chunks, each with its own result."""
