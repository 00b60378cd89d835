"""What comes after the send: lost answers, receipts that stay away, and what is sent anew."""
