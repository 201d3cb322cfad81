"""Benchmarks: ratios against raw SQL that writes the same rows, in the same run."""
