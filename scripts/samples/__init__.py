"""The parts of the sample builder: sources, geography, travel, population, supply, territories."""
