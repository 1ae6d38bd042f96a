"""What may be published: small counts hidden, and the audit of what is left."""
