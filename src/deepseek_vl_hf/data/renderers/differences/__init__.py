"""Two or three pictures side by side: what differs, what belongs together."""
