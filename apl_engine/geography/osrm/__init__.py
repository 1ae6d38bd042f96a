"""Travel times by road from an OSRM server."""
