"""Tables, timetables, receipts and statements, with Markdown, HTML and values."""
