"""Printed lines and short paragraphs, to learn to read."""
