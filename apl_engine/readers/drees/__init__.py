"""Files of DREES, CNAM and the regional agencies."""
