"""One thing on a background: its name, kind and what is always true of it."""
