"""Policies: the versions of the configurable rules, written as drafts and published by a second
person.
"""
