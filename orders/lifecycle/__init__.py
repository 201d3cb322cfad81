"""The life of an order, step by step; whatever changes one goes through here.

Each module is a stage: capture, submission, validation, review, processing, allocation, picking,
dispatch, delivery, payment, completion, cancellation, holds.
"""
