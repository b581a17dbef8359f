"""Charts of thirteen kinds, drawn by matplotlib or Vega-Lite, with their values, tables and code."""
