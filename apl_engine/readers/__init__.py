"""The files of DREES, INSEE, CNAM and the agencies as they are, to tables of ours."""
