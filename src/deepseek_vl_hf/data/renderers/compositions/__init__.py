"""Several things in one picture: how many, where, how large."""
