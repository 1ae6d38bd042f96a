"""Tables and matrices of travel times between communes."""
