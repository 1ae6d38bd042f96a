"""Files of DREES and the regional agencies."""
