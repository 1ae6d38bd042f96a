"""The page that compares the zones of the real France with the table of article VI."""
