"""Flowcharts, trees, organisation charts and networks, with their Mermaid code."""
