"""Formulas with their LaTeX, and small problems with their solutions."""
