"""Tests: sentences about the business, held against a real PostgreSQL."""
