"""What a message says: templates, SMS segments, previews, prices. No I/O."""
