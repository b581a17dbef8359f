"""Exam papers, with their Markdown and worked answers."""
