"""The eight lines of the method, from checked tables to zones."""
