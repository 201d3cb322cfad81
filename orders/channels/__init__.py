"""Files that orders come in: reading them, and what each profile makes of their rows."""
