"""What all readers of published files share."""
