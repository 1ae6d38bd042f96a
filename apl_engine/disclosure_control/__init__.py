"""What may be published: small counts suppressed, and an audit of what remains."""
