"""A believable company to look at: its people, catalogue, customers and weeks of trade."""
