"""Orders: the record itself, its customers, rules, lifecycle and history."""
