"""The floor: pick lists, tasks and shipments."""
