"""Stock: products, warehouses, levels, moves and supply; it knows no order, customer or money."""
