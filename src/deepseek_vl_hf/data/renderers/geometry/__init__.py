"""Plane figures, solids, grids and clocks, with what can be computed of them."""
