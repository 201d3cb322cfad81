"""What the floor does: pick tasks, lists and shipments; each set-based."""
