"""One file to open in a browser: map, look-up, the workbench of an agency, national figures."""
