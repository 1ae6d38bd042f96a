"""Results of other supplies: scenarios, what-if, margins to the next zone."""
