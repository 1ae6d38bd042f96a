"""The page that sets the zones of the real France beside the table of article VI."""
