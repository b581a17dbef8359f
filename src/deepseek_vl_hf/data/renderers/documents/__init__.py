"""Pages of books and papers, letters and notices, with their Markdown."""
