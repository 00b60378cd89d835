"""Who is meant: fields, filters, exact counts, and the saved audience of a broadcast."""
