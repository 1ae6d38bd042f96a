"""Results, inputs and networks to files; each module is imported by who needs it."""
