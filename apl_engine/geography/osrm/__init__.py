"""Travel times from an OSRM server."""
