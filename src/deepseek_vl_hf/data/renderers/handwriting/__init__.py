"""Digits, numbers, dates and sums by hand."""
