"""Text on signs, shops, labels, screens and other things in scenes."""
