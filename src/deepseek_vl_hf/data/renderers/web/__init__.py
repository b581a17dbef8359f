"""Web pages shown in a Chromium, with their HTML and what can be read, found and pressed on them."""
